using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Tests.Tls;

/// <summary>Two TLS sessions back to back, without a network.</summary>
internal sealed class TwoSessions : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    public TwoSessions(TlsEndpoint client, TlsEndpoint server, PeerId? expected = null)
    {
        Client = client.CreateClient(expected);
        Server = server.CreateServer();
    }

    public TlsSession Client { get; }

    public TlsSession Server { get; }

    public static TlsEndpoint Endpoint(TrustPolicy? trust = null, SecretKey? key = null, TimeProvider? time = null, long recordsPerKey = TlsEndpoint.RecordsPerKeyDefault, bool asksForKeyUpdates = false)
    {
        using SecretKey? own = key is null ? SecretKey.Generate() : null;
        return new TlsEndpoint(key ?? own!, trust ?? TrustPolicy.Anyone(), time ?? TimeProvider.System, null) { RecordsPerKey = recordsPerKey, AsksForKeyUpdates = asksForKeyUpdates };
    }

    /// <summary>Carries ciphertext both ways until both are quiet.</summary>
    public void Carry(int chunk = int.MaxValue)
    {
        while (Move(Client, Server, chunk) | Move(Server, Client, chunk))
        {
            // Until nothing moves.
        }
    }

    /// <summary>Runs the handshake as far as it goes.</summary>
    public (TlsStatus Client, TlsStatus Server) Shake(int chunk = int.MaxValue)
    {
        TlsStatus client = Client.Handshake();
        TlsStatus server = TlsStatus.WantRead;
        for (int round = 0; round < 10; round++)
        {
            Carry(chunk);
            server = server == TlsStatus.WantRead ? Server.Handshake() : server;
            Carry(chunk);
            client = client == TlsStatus.WantRead ? Client.Handshake() : client;
        }

        return (client, server);
    }

    public bool Move(TlsSession from, TlsSession to, int chunk = int.MaxValue)
    {
        int bytes = from.Take(_buffer.AsSpan(0, Math.Min(chunk, _buffer.Length)));
        to.Feed(_buffer.AsSpan(0, bytes));
        return bytes != 0;
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
