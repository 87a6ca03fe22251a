using System.Collections.Immutable;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Deadlocks;

/// <summary>A probe on its way to the node of an ask. An array: the ask's correlation on this connection, its actor, mark, position, whether it confirms, and the path, whose steps are arrays of node, turn, barring, ask and text.</summary>
/// <remarks>The correlation names the ask on the very connection that this comes over. On the wire; never changes.</remarks>
/// <param name="Correlation">Which ask of the sender.</param>
/// <param name="Target">The actor that was asked.</param>
/// <param name="Probe">The probe.</param>
internal readonly record struct DeadlockMessage(ulong Correlation, ActorId Target, Probe Probe) : IDeadlockMessage
{
    /// <summary>Longest text of a step: that of a whole path fits any frame.</summary>
    public const int TextLengthMax = 160;

    private const int Fields = 6;
    private const int StepFields = 5;

    /// <inheritdoc/>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Correlation);
        writer.WriteBinary(Target.ToTarget().Id);
        writer.Write(Probe.Mark);
        writer.Write((uint)Probe.Position);
        writer.Write(Probe.IsConfirming);
        writer.WriteArrayHeader(Probe.Path.Length);
        Span<byte> node = stackalloc byte[PeerId.Bytes];
        foreach (ProbeStep step in Probe.Path)
        {
            writer.WriteArrayHeader(StepFields);
            step.Turn.Node.CopyTo(node);
            writer.WriteBinary(node);
            writer.Write(step.Turn.Number);
            writer.Write(step.IsBarring);
            writer.Write(step.Ask);
            writer.WriteString(step.Text);
        }
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static DeadlockMessage Decode(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() < Fields)
        {
            throw new MessagePackException($"A probe has {Fields} fields.");
        }

        ulong correlation = reader.ReadUInt64();
        if (!ActorId.TryRead(reader.ReadBinary(), out ActorId target))
        {
            throw new MessagePackException("A probe names no actor.");
        }

        uint mark = reader.ReadUInt32();
        uint position = reader.ReadUInt32();
        bool isConfirming = reader.ReadBoolean();
        int length = reader.ReadArrayHeader();
        if (length is < 1 or > Probe.PathMax || position >= length || (!isConfirming && position != length - 1))
        {
            throw new MessagePackException("A probe is not on its path.");
        }

        ImmutableArray<ProbeStep>.Builder path = ImmutableArray.CreateBuilder<ProbeStep>(length);
        for (int index = 0; index < length; index++)
        {
            path.Add(DecodeStep(ref reader));
        }

        return new DeadlockMessage(correlation, target, new Probe(mark, path.MoveToImmutable(), (int)position, isConfirming));
    }

    private static ProbeStep DecodeStep(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() < StepFields)
        {
            throw new MessagePackException($"A step of a probe has {StepFields} fields.");
        }

        ReadOnlySpan<byte> node = reader.ReadBinary();
        if (node.Length != PeerId.Bytes)
        {
            throw new MessagePackException("A step of a probe names no node.");
        }

        var turn = new TurnId(new PeerId(node), reader.ReadUInt64());
        bool isBarring = reader.ReadBoolean();
        ulong ask = reader.ReadUInt64();
        string text = reader.ReadString() ?? string.Empty;
        return text.Length <= TextLengthMax ? new ProbeStep(turn, isBarring, ask, text) : throw new MessagePackException("A step of a probe has too long a text.");
    }
}
