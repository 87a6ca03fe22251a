using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Tests.Tls;

/// <summary>Sealing into, and opening from, memory that is lent for one call, in any pieces, mixed with what is fed and taken.</summary>
public sealed class LentCiphertextTests
{
    /// <summary>Whatever room is lent, and wherever what arrives is cut, the bytes come out in order; also those of key updates, which wait to be taken between two calls.</summary>
    [Theory]
    [InlineData(1_000, 700)]
    [InlineData(17_000, 1)]
    [InlineData(20_000, 16_500)]
    [InlineData(66_560, 5)]
    [InlineData(66_560, 66_560)]
    [InlineData(0, 30_000)]
    public void All_arrives_in_order(int room, int piece)
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint(recordsPerKey: 3, asksForKeyUpdates: true);
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        var random = new Random(room + piece);
        byte[] sent = new byte[60_000];
        byte[] received = new byte[sent.Length];
        for (int round = 0; round < 6; round++)
        {
            random.NextBytes(sent);
            (TlsSession from, TlsSession to) = round % 2 == 0 ? (sessions.Client, sessions.Server) : (sessions.Server, sessions.Client);
            Open(to, Seal(from, sent, room, random), piece, received);
            Assert.Equal(sent, received);

            // The answer to the key update, if there was one, is behind nothing and before all that comes next.
            byte[] answer = new byte[4_000];
            ReadOnlySpan<byte> waiting = answer.AsSpan(0, to.Take(answer));
            Assert.NotEqual(TlsStatus.Failed, from.Read(ref waiting, new byte[16], out int none));
            Assert.Equal((0, 0), (none, waiting.Length));
        }

        Assert.True(sessions.Client.KeyUpdates > 2 && sessions.Server.KeyUpdates > 2);
    }

    [Fact]
    public void What_was_fed_is_read_before_what_is_lent()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        byte[] wire = Seal(sessions.Client, [1, 2, 3, 4], 0, new Random(1));
        byte[] more = Seal(sessions.Client, [5, 6], 1_000, new Random(1));
        sessions.Server.Feed(wire.AsSpan(0, 9));
        byte[] all = [.. wire[9..], .. more];
        ReadOnlySpan<byte> rest = all;
        byte[] plaintext = new byte[100];
        Assert.Equal(TlsStatus.Ok, sessions.Server.Read(ref rest, plaintext, out int first));
        Assert.Equal(more.Length, rest.Length);
        Assert.Equal(TlsStatus.Ok, sessions.Server.Read(ref rest, plaintext.AsSpan(first), out int second));
        Assert.Equal(0, rest.Length);
        Assert.Equal([1, 2, 3, 4, 5, 6], plaintext[..(first + second)]);
        Assert.Equal(TlsStatus.WantRead, sessions.Server.Read(ref rest, plaintext, out _));
    }

    [Fact]
    public void Nothing_is_written_into_what_is_lent_while_something_waits_to_be_taken()
    {
        using TlsEndpoint endpoint = TwoSessions.Endpoint();
        using var sessions = new TwoSessions(endpoint, endpoint);
        sessions.Shake();
        Assert.Equal(TlsStatus.Ok, sessions.Client.Write([1]));
        byte[] wire = new byte[1_000];
        Assert.Equal(TlsStatus.Ok, sessions.Client.Write([2], wire, out int bytes));
        Assert.Equal(0, bytes);
        ReadOnlySpan<byte> taken = wire.AsSpan(0, sessions.Client.Take(wire));
        Assert.Equal(0, sessions.Client.CiphertextBytes);
        byte[] plaintext = new byte[2];
        Assert.Equal(TlsStatus.Ok, sessions.Server.Read(ref taken, plaintext, out _));
        Assert.Equal(TlsStatus.Ok, sessions.Server.Read(ref taken, plaintext.AsSpan(1), out _));
        Assert.Equal([1, 2], plaintext);
    }

    /// <summary>What does not fit the room that is lent is taken behind it.</summary>
    private static byte[] Seal(TlsSession session, ReadOnlySpan<byte> plaintext, int room, Random random)
    {
        using var wire = new MemoryStream();
        byte[] lent = new byte[room];
        byte[] taken = new byte[200_000];
        while (!plaintext.IsEmpty)
        {
            int part = Math.Min(plaintext.Length, random.Next(1, 40_000));
            Assert.Equal(TlsStatus.Ok, session.Write(plaintext[..part], lent, out int bytes));
            plaintext = plaintext[part..];
            wire.Write(lent, 0, bytes);
            wire.Write(taken, 0, session.Take(taken));
        }

        return wire.ToArray();
    }

    private static void Open(TlsSession session, byte[] wire, int piece, byte[] received)
    {
        int done = 0;
        for (int at = 0; at < wire.Length; at += piece)
        {
            ReadOnlySpan<byte> rest = wire.AsSpan(at, Math.Min(piece, wire.Length - at));
            TlsStatus status;
            while ((status = session.Read(ref rest, received.AsSpan(done), out int bytes)) == TlsStatus.Ok && done + bytes < received.Length)
            {
                done += bytes;
            }

            Assert.NotEqual(TlsStatus.Failed, status);
            Assert.True(status == TlsStatus.Ok || rest.IsEmpty);
        }
    }
}
