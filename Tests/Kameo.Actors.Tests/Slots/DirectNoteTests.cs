using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>What is said of direct ways, byte by byte.</summary>
public sealed class DirectNoteTests
{
    private static readonly MemberId s_member = new(new PeerId([.. Enumerable.Range(1, PeerId.Bytes).Select(static value => (byte)value)]), new Incarnation(0x0102030405060708));

    [Theory]
    [InlineData((byte)DirectNoteKind.Hint, 0L, 0u)]
    [InlineData((byte)DirectNoteKind.Seek, 77L, 0u)]
    [InlineData((byte)DirectNoteKind.Found, long.MaxValue, uint.MaxValue)]
    [InlineData((byte)DirectNoteKind.Stray, 0L, 3u)]
    public void A_note_is_read_as_it_was_written(byte kind, long token, uint stay)
    {
        var note = new DirectNote((DirectNoteKind)kind, new ActorId("A.B", ActorKey.Of("c")), s_member, token, stay);
        byte[] bytes = note.Encode();
        Assert.True(DirectNote.TryRead(bytes, out DirectNote read));
        Assert.Equal(note, read);
        Assert.True(SlotNote.IsOne(bytes));
        Assert.False(SlotFarewell.TryRead(bytes, out _, out _, out _));
        Assert.False(SlotNote.TryReadAnnouncement(bytes, out _, out _));
        Assert.False(SlotNote.TryReadMove(bytes, out _, out _));
        for (int length = 0; length < 54; length++)
        {
            Assert.False(DirectNote.TryRead(bytes.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void Its_bytes_do_not_change()
    {
        byte[] bytes = new DirectNote(DirectNoteKind.Found, new ActorId("A.B", ActorKey.Of("c")), s_member, 5, 6).Encode();
        Assert.Equal("C1070500000000000000060000000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F200807060504030201", Convert.ToHexString(bytes.AsSpan(0, 54)));
    }

    [Theory]
    [InlineData(false, false, 0u, "")]
    [InlineData(true, false, 0u, "01")]
    [InlineData(false, true, 0u, "02")]
    [InlineData(false, false, 0x01020304u, "0404030201")]
    public void What_a_request_says_of_its_way_is_read_as_it_was_written(bool byRecord, bool isReturned, uint stay, string value)
    {
        ReadOnlySpan<byte> extensions = SlotWay.Join(default, stay != 0 ? SlotWay.Of(stay) : SlotWay.Of(byRecord, isReturned));
        SlotWay.Read(extensions, out bool readByRecord, out bool readIsReturned, out uint readStay);
        Assert.Equal((byRecord, isReturned, stay), (readByRecord, readIsReturned, readStay));
        Assert.Equal(value.Length == 0 ? 0 : ExtensionReader.PaddedBytes(value.Length / 2), extensions.Length);
        Assert.Contains(value, Convert.ToHexString(extensions), StringComparison.Ordinal);
    }
}
