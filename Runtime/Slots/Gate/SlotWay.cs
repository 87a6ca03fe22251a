using System.Buffers.Binary;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Slots.Gate;

/// <summary>What a request says of the way it came, as a header extension: a byte of marks, and for one that was sent straight to its actor the number of the stay that is meant. Absent for those that took the usual way.</summary>
internal static class SlotWay
{
    private const byte ByRecord = 1;
    private const byte Returned = 2;
    private const byte Direct = 4;
    private const int StayShift = 8;
    private const int DirectBytes = 1 + sizeof(uint);

    [ThreadStatic]
    private static byte[]? t_joined;

    /// <summary>What is to be said.</summary>
    public static ulong Of(bool byRecord, bool isReturned) => (byRecord ? ByRecord : 0u) | (isReturned ? Returned : 0u);

    /// <summary>The same of one that is sent straight to its actor.</summary>
    public static ulong Of(uint stay) => Direct | ((ulong)stay << StayShift);

    /// <summary>Adds it to the other extensions. What is returned is this thread's until the next time.</summary>
    public static ReadOnlySpan<byte> Join(ReadOnlySpan<byte> others, ulong way)
    {
        if (way == 0)
        {
            return others;
        }

        Span<byte> value = stackalloc byte[DirectBytes];
        value[0] = (byte)way;
        BinaryPrimitives.WriteUInt32LittleEndian(value[1..], (uint)(way >> StayShift));
        byte[] joined = t_joined ??= new byte[ExtensionWriter.BytesMax];
        others.CopyTo(joined);
        var writer = new ExtensionWriter(joined.AsSpan(others.Length));
        writer.TryAppend(ExtensionTag.SlotWay, (way & Direct) != 0 ? value : value[..1]);
        return joined.AsSpan(0, others.Length + writer.WrittenBytes);
    }

    /// <summary>Whether it comes first: of a request without a deadline it may be the only extension.</summary>
    public static bool IsFirst(ReadOnlySpan<byte> extensions) => !extensions.IsEmpty && extensions[0] == (byte)ExtensionTag.SlotWay;

    /// <summary>Reads it.</summary>
    /// <param name="extensions">All extensions.</param>
    /// <param name="byRecord">Whether the owner of the slot sent it.</param>
    /// <param name="isReturned">Whether it was sent to where the actor was, and came back.</param>
    /// <param name="stay">Which stay is meant by a caller that sent it straight here; 0: it did not.</param>
    public static void Read(ReadOnlySpan<byte> extensions, out bool byRecord, out bool isReturned, out uint stay)
    {
        bool isThere = ExtensionReader.TryFind(extensions, ExtensionTag.SlotWay, out ReadOnlySpan<byte> value) && value.Length is 1 or DirectBytes;
        byte way = isThere ? value[0] : (byte)0;
        byRecord = (way & ByRecord) != 0;
        isReturned = (way & Returned) != 0;
        stay = isThere && value.Length == DirectBytes && (way & Direct) != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(value[1..]) : 0;
    }
}
