using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Deadlocks;

/// <summary>
/// A question whether a turn of an actor waits for an ask, on its way up from node to node; or that it does. An array: of a question the ask's correlation on this connection, the actor, how often it may go on, who asks and by which
/// number; of the answer the number alone. Who finds nothing does not answer.
/// </summary>
/// <remarks>The correlation names the ask on the very connection that this comes over. On the wire; never changes.</remarks>
/// <param name="Number">What the answer carries, which cannot be guessed.</param>
/// <param name="Correlation">Which ask of the receiver.</param>
/// <param name="Actor">The actor.</param>
/// <param name="LinksLeft">How often it may go on.</param>
/// <param name="Asker">Where the answer goes; null: this is the answer.</param>
internal readonly record struct ChainMessage(ulong Number, ulong Correlation, ActorId Actor, uint LinksLeft, PeerId? Asker) : IDeadlockMessage
{
    private const int AnswerFields = 1;
    private const int QuestionFields = 5;

    /// <inheritdoc/>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Asker is null ? AnswerFields : QuestionFields);
        writer.Write(Number);
        if (Asker is { } asker)
        {
            Span<byte> node = stackalloc byte[PeerId.Bytes];
            asker.CopyTo(node);
            writer.WriteBinary(node);
            writer.Write(Correlation);
            writer.WriteBinary(Actor.ToTarget().Id);
            writer.Write(LinksLeft);
        }
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static ChainMessage Decode(ref MessagePackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        if (fields < AnswerFields)
        {
            throw new MessagePackException("It has no number.");
        }

        ulong number = reader.ReadUInt64();
        if (fields < QuestionFields)
        {
            return new ChainMessage(number, 0, default, 0, null);
        }

        ReadOnlySpan<byte> node = reader.ReadBinary();
        if (node.Length != PeerId.Bytes)
        {
            throw new MessagePackException("A question names no node.");
        }

        var asker = new PeerId(node);
        ulong correlation = reader.ReadUInt64();
        return ActorId.TryRead(reader.ReadBinary(), out ActorId actor)
            ? new ChainMessage(number, correlation, actor, reader.ReadUInt32(), asker)
            : throw new MessagePackException("A question names no actor.");
    }
}
