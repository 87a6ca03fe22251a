using System.Buffers.Binary;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Slots.Wire;

/// <summary>What nodes tell each other in line with requests besides the messages of hand-off: which view they have installed, with how many actors they have; and orders to move an actor. A mark that no message begins with, then a kind.</summary>
internal static class SlotNote
{
    /// <summary>How long an announcement is.</summary>
    public const int AnnouncementBytes = 14;

    /// <summary>Reserved in MessagePack: no message of hand-off begins so.</summary>
    public const byte Mark = 0xc1;

    private const byte Announcement = 1;
    private const byte Move = 2;
    private const int HeadBytes = 2;

    /// <summary>Whether it is one of these.</summary>
    public static bool IsOne(ReadOnlySpan<byte> from) => from.Length >= HeadBytes && from[0] == Mark;

    /// <summary>Writes the installed epoch and the number of actors.</summary>
    public static void WriteAnnouncement(Span<byte> to, long epoch, int actors)
    {
        to[0] = Mark;
        to[1] = Announcement;
        BinaryPrimitives.WriteInt64LittleEndian(to[HeadBytes..], epoch);
        BinaryPrimitives.WriteInt32LittleEndian(to[(HeadBytes + sizeof(long))..], actors);
    }

    /// <summary>Reads it; what a later version may say behind it is passed over.</summary>
    /// <returns>False if it is something else.</returns>
    public static bool TryReadAnnouncement(ReadOnlySpan<byte> from, out long epoch, out int actors)
    {
        bool isOne = from.Length >= AnnouncementBytes && IsOne(from) && from[1] == Announcement;
        epoch = isOne ? BinaryPrimitives.ReadInt64LittleEndian(from[HeadBytes..]) : 0;
        actors = isOne ? Math.Max(0, BinaryPrimitives.ReadInt32LittleEndian(from[(HeadBytes + sizeof(long))..])) : 0;
        return isOne;
    }

    /// <summary>The order to move an actor to a node.</summary>
    public static byte[] EncodeMove(in ActorId id, PeerId to) => [Mark, Move, .. to.ToByteArray(), .. id.ToTarget().Id];

    /// <summary>Reads it.</summary>
    /// <returns>False if it is something else, or malformed.</returns>
    public static bool TryReadMove(ReadOnlySpan<byte> from, out ActorId id, out PeerId to)
    {
        id = default;
        to = default;
        if (from.Length <= HeadBytes + PeerId.Bytes || !IsOne(from) || from[1] != Move || !ActorId.TryRead(from[(HeadBytes + PeerId.Bytes)..], out id))
        {
            return false;
        }

        to = new PeerId(from.Slice(HeadBytes, PeerId.Bytes));
        return true;
    }
}
