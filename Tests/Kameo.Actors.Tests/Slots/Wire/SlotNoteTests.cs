using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Slots.Wire;

/// <summary>Bytes that nodes of other builds read in line with requests: they never change. What no node could have written is refused without an exception, wherever it is cut.</summary>
public sealed class SlotNoteTests
{
    /// <summary>Epoch 0x0102030405060708, 0x11223344 actors.</summary>
    private const string Announcement = "C1-01-08-07-06-05-04-03-02-01-44-33-22-11";

    /// <summary>To the node whose id is 32 times 0x5A: the actor "server" of the class "Sample.Ping".</summary>
    private const string Move =
        "C1-02-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-5A-02-01-0B-00-53-61-6D-70-6C-65-2E-50-69-6E-67-73-65-72-76-65-72";

    private const string Question = "C1-03-08-07-06-05-04-03-02-01-18-17-16-15-14-13-12-11";
    private const string Answer = "C1-04-08-07-06-05-04-03-02-01-18-17-16-15-14-13-12-11";
    private const long Epoch = 0x0102030405060708;
    private const long Number = 0x1112131415161718;

    [Fact]
    public void An_announcement_has_these_bytes()
    {
        byte[] bytes = new byte[SlotNote.AnnouncementBytes];
        SlotNote.WriteAnnouncement(bytes, Epoch, 0x11223344);

        Assert.Equal(Announcement, BitConverter.ToString(bytes));
        Assert.True(SlotNote.IsOne(bytes));
        Assert.True(SlotNote.TryReadAnnouncement(bytes, out long epoch, out int actors));
        Assert.Equal((Epoch, 0x11223344), (epoch, actors));
    }

    [Fact]
    public void A_later_version_may_say_more_behind_an_announcement()
    {
        Assert.True(SlotNote.TryReadAnnouncement([.. Bytes(Announcement), 1, 2, 3], out long epoch, out int actors));
        Assert.Equal((Epoch, 0x11223344), (epoch, actors));
    }

    [Fact]
    public void Fewer_actors_than_none_are_none()
    {
        Assert.True(SlotNote.TryReadAnnouncement(Bytes("C1-01-08-07-06-05-04-03-02-01-FF-FF-FF-FF"), out _, out int actors));
        Assert.Equal(0, actors);
    }

    [Fact]
    public void An_order_to_move_has_these_bytes()
    {
        var id = new ActorId("Sample.Ping", ActorKey.Of("server"));
        byte[] bytes = SlotNote.EncodeMove(id, Peer());

        Assert.Equal(Move, BitConverter.ToString(bytes));
        Assert.True(SlotNote.IsOne(bytes));
        Assert.True(SlotNote.TryReadMove(bytes, out ActorId read, out PeerId to));
        Assert.Equal((id, Peer()), (read, to));
    }

    [Theory]
    [InlineData(false, Question)]
    [InlineData(true, Answer)]
    public void A_farewell_has_these_bytes(bool isAnswer, string expected)
    {
        byte[] bytes = new byte[SlotFarewell.Bytes];
        SlotFarewell.Write(bytes, isAnswer, Epoch, Number);

        Assert.Equal(expected, BitConverter.ToString(bytes));
        Assert.True(SlotFarewell.TryRead(bytes, out bool isAnswerRead, out long epoch, out long number));
        Assert.Equal((isAnswer, Epoch, Number), (isAnswerRead, epoch, number));
    }

    [Fact]
    public void What_is_cut_is_refused()
    {
        foreach (string whole in (string[])[Announcement, Question, Answer])
        {
            byte[] bytes = Bytes(whole);
            for (int length = 0; length < bytes.Length; length++)
            {
                AssertRefused(bytes.AsSpan(0, length));
            }
        }

        byte[] move = Bytes(Move);
        for (int length = 0; length < move.Length; length++)
        {
            // Only the key may be shorter: it is all that is left, and may be empty.
            if (SlotNote.TryReadMove(move.AsSpan(0, length), out ActorId id, out _))
            {
                Assert.Equal("server"[..(length - (move.Length - "server".Length))], id.Key.Text);
            }
        }

        Assert.False(SlotNote.TryReadMove(move.AsSpan(0, move.Length - "server".Length - 1), out _, out _));
    }

    [Fact]
    public void A_farewell_is_no_longer_than_it_is()
    {
        AssertRefused([.. Bytes(Question), 0]);
        AssertRefused([.. Bytes(Answer), 0]);
    }

    [Fact]
    public void An_order_to_move_names_an_actor_of_bounded_length()
    {
        byte[] head = Bytes(Move)[..^"server".Length];
        Assert.True(SlotNote.TryReadMove([.. head, .. Enumerable.Repeat((byte)'k', ActorKey.TextBytesMax)], out _, out _));
        AssertRefused([.. head, .. Enumerable.Repeat((byte)'k', ActorKey.TextBytesMax + 1)]);
        AssertRefused([.. head, 0xff]); // No UTF-8.
    }

    [Theory]
    [InlineData(Announcement)]
    [InlineData(Move)]
    [InlineData(Question)]
    [InlineData(Answer)]
    public void Each_is_itself_and_nothing_else(string note)
    {
        byte[] bytes = Bytes(note);
        Assert.Equal(1, CountReaders(bytes));

        byte[] otherMark = [0xc2, .. bytes[1..]];
        Assert.False(SlotNote.IsOne(otherMark));
        AssertRefused(otherMark);
        foreach (byte kind in (byte[])[0, 5, 255])
        {
            AssertRefused([bytes[0], kind, .. bytes[2..]]);
        }
    }

    [Fact]
    public void No_message_of_hand_off_begins_as_a_note()
    {
        // Reserved in MessagePack; messages are arrays.
        Assert.Equal(0xc1, SlotNote.Mark);
        Assert.Throws<Transport.MessagePack.MessagePackException>(() => HandoffWire.Decode(Bytes(Announcement)));
    }

    private static int CountReaders(ReadOnlySpan<byte> bytes) =>
        (SlotNote.TryReadAnnouncement(bytes, out _, out _) ? 1 : 0) + (SlotNote.TryReadMove(bytes, out _, out _) ? 1 : 0) + (SlotFarewell.TryRead(bytes, out _, out _, out _) ? 1 : 0);

    private static void AssertRefused(ReadOnlySpan<byte> bytes)
    {
        Assert.False(SlotNote.TryReadAnnouncement(bytes, out long epoch, out int actors));
        Assert.Equal((0, 0), (epoch, actors));
        Assert.False(SlotNote.TryReadMove(bytes, out ActorId id, out PeerId to));
        Assert.Equal((default, default), (id, to));
        Assert.False(SlotFarewell.TryRead(bytes, out bool isAnswer, out epoch, out long number));
        Assert.Equal((false, 0, 0), (isAnswer, epoch, number));
    }

    private static PeerId Peer() => new([.. Enumerable.Repeat((byte)0x5a, PeerId.Bytes)]);

    private static byte[] Bytes(string text) => Convert.FromHexString(text.Replace("-", string.Empty, StringComparison.Ordinal));
}
