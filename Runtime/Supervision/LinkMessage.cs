using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Supervision;

/// <summary>What a message between two nodes says of a link. On the wire; never changes.</summary>
internal enum LinkMessageKind : byte
{
    /// <summary>An ask: note the link; an empty reply, or a fault.</summary>
    Link = 1,

    /// <summary>A tell: forget the link.</summary>
    Unlink = 2,

    /// <summary>A tell: the sender's actor has died.</summary>
    Died = 3,
}

/// <summary>A message about a link. An array: kind, own actor, other actor, reason, fault or nil.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="From">The actor on the sender's node.</param>
/// <param name="To">The actor on the receiver's node.</param>
/// <param name="Reason">Why <paramref name="From"/> died.</param>
/// <param name="Why">The exception it died of, as a fault.</param>
internal readonly record struct LinkMessage(LinkMessageKind Kind, ActorId From, ActorId To, DeactivationReason Reason = 0, Fault? Why = null)
{
    /// <summary>Writes it.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(5);
        writer.Write((byte)Kind);
        writer.WriteBinary(From.ToTarget().Id);
        writer.WriteBinary(To.ToTarget().Id);
        writer.Write((byte)Reason);
        if (Why is { } why)
        {
            why.Encode(ref writer);
        }
        else
        {
            writer.WriteNil();
        }
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static LinkMessage Decode(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        if (fields < 5)
        {
            throw new MessagePackException("A message about a link has five fields.");
        }

        var kind = (LinkMessageKind)reader.ReadByte();
        ActorId from = ReadId(ref reader);
        ActorId to = ReadId(ref reader);
        var reason = (DeactivationReason)reader.ReadByte();
        Fault? why = reader.TryReadNil() ? null : Fault.Decode(ref reader);
        return Enum.IsDefined(kind) && (kind != LinkMessageKind.Died || Enum.IsDefined(reason))
            ? new LinkMessage(kind, from, to, reason, why)
            : throw new MessagePackException("A message about a link says nothing that is known.");
    }

    private static ActorId ReadId(ref MessagePackReader reader) =>
        ActorId.TryRead(reader.ReadBinary(), out ActorId id) ? id : throw new MessagePackException("A message about a link names no actor.");
}
