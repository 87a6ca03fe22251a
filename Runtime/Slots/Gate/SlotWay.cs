using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Slots.Gate;

/// <summary>What a request says of the way it came, as a header extension of one byte: absent for those that took the usual one.</summary>
internal static class SlotWay
{
    private const byte ByRecord = 1;
    private const byte Returned = 2;

    /// <summary>What is to be said.</summary>
    public static byte Of(bool byRecord, bool isReturned) => (byte)((byRecord ? ByRecord : 0) | (isReturned ? Returned : 0));

    /// <summary>Adds it to the other extensions.</summary>
    public static ReadOnlySpan<byte> Join(ReadOnlySpan<byte> others, byte way)
    {
        if (way == 0)
        {
            return others;
        }

        int own = ExtensionReader.PaddedBytes(1);
        byte[] joined = new byte[others.Length + own];
        others.CopyTo(joined);
        new ExtensionWriter(joined.AsSpan(others.Length)).TryAppend(ExtensionTag.SlotWay, [way]);
        return joined;
    }

    /// <summary>Whether it comes first: of a request without a deadline it may be the only extension.</summary>
    public static bool IsFirst(ReadOnlySpan<byte> extensions) => !extensions.IsEmpty && extensions[0] == (byte)ExtensionTag.SlotWay;

    /// <summary>Reads it.</summary>
    public static void Read(ReadOnlySpan<byte> extensions, out bool byRecord, out bool isReturned)
    {
        byte way = ExtensionReader.TryFind(extensions, ExtensionTag.SlotWay, out ReadOnlySpan<byte> value) && value.Length == 1 ? value[0] : (byte)0;
        byRecord = (way & ByRecord) != 0;
        isReturned = (way & Returned) != 0;
    }
}
