using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>Deltas of some writers: a round of gossip, an immediate push, a question whether the receiver has caught up, or the answer to a pull.</summary>
/// <param name="epoch">The sender's epoch.</param>
/// <param name="pullId">The pull that this answers; 0 for none.</param>
/// <param name="flags">How it is meant.</param>
/// <param name="deltas">The deltas, at most one of a writer.</param>
internal sealed class DeltaBatch(ulong epoch, uint pullId, DeltaBatchFlags flags, Delta[] deltas) : RegistryMessage(epoch)
{
    /// <summary>Fields besides sort and epoch.</summary>
    public const int FieldCount = 3;

    /// <summary>Most bytes besides the deltas.</summary>
    public const int HeaderBytesMax = 24;

    /// <summary>The pull that this answers; 0 for none.</summary>
    public uint PullId { get; } = pullId;

    /// <summary>How it is meant.</summary>
    public DeltaBatchFlags Flags { get; } = flags;

    /// <summary>The deltas.</summary>
    public Delta[] Deltas { get; } = deltas;

    /// <inheritdoc/>
    public override void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2 + FieldCount);
        writer.Write(DeltaBatchSort);
        writer.Write(Epoch);
        writer.Write(PullId);
        writer.Write((byte)Flags);
        writer.WriteArrayHeader(Deltas.Length);
        foreach (Delta delta in Deltas)
        {
            delta.Encode(ref writer);
        }
    }

    /// <summary>Reads one; null when it is only checked.</summary>
    public static DeltaBatch? Read(ref MessagePackReader reader, int surplus, ulong epoch, RegistryLimits limits, bool build)
    {
        uint pullId = reader.ReadUInt32();
        var flags = (DeltaBatchFlags)reader.ReadByte();
        int count = reader.ReadArrayHeader();
        Delta[] deltas = build ? new Delta[count] : [];
        for (int index = 0; index < count; index++)
        {
            if (Delta.Read(ref reader, limits, build) is { } delta)
            {
                deltas[index] = delta;
            }
        }

        WireReading.Skip(ref reader, surplus);
        return build ? new DeltaBatch(epoch, pullId, flags, deltas) : null;
    }
}
