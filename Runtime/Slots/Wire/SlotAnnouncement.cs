using System.Buffers.Binary;

namespace Kameo.Actors.Slots.Wire;

/// <summary>The view that a node has installed, said in line with its requests: those behind it were sent by that view. A byte of its own, then the epoch.</summary>
internal static class SlotAnnouncement
{
    /// <summary>How long it is.</summary>
    public const int Bytes = 9;

    /// <summary>Reserved in MessagePack: no message of hand-off begins so.</summary>
    private const byte Mark = 0xc1;

    /// <summary>Writes it.</summary>
    public static void Write(Span<byte> to, long epoch)
    {
        to[0] = Mark;
        BinaryPrimitives.WriteInt64LittleEndian(to[1..], epoch);
    }

    /// <summary>Reads it.</summary>
    /// <returns>False if it is something else.</returns>
    public static bool TryRead(ReadOnlySpan<byte> from, out long epoch)
    {
        bool isOne = from.Length == Bytes && from[0] == Mark;
        epoch = isOne ? BinaryPrimitives.ReadInt64LittleEndian(from[1..]) : 0;
        return isOne;
    }
}
