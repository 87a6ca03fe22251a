using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>Asks for what is missing of some writers. Always answered, by one <see cref="DeltaBatch"/> with the same number.</summary>
/// <param name="epoch">The sender's epoch.</param>
/// <param name="id">The pull's number at its sender, from 1.</param>
/// <param name="wants">What is asked for, in the order in which it should come.</param>
internal sealed class Pull(ulong epoch, uint id, Want[] wants) : RegistryMessage(epoch)
{
    /// <summary>Fields besides sort and epoch.</summary>
    public const int FieldCount = 2;

    /// <summary>Most bytes besides the wants.</summary>
    public const int HeaderBytesMax = 24;

    /// <summary>Most bytes of a want.</summary>
    public const int WantBytesMax = 27;

    /// <summary>The pull's number.</summary>
    public uint Id { get; } = id;

    /// <summary>What is asked for.</summary>
    public Want[] Wants { get; } = wants;

    /// <inheritdoc/>
    public override void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2 + FieldCount);
        writer.Write(PullSort);
        writer.Write(Epoch);
        writer.Write(Id);
        writer.WriteArrayHeader(Wants.Length * 3);
        foreach (Want want in Wants)
        {
            writer.Write(want.JoinIndex);
            writer.Write(want.Counter);
            writer.Write(want.Cursor);
        }
    }

    /// <summary>Reads one; null when it is only checked.</summary>
    public static Pull? Read(ref MessagePackReader reader, int surplus, ulong epoch, RegistryLimits limits, bool build)
    {
        uint id = reader.ReadUInt32();
        int count = WireReading.ReadFlatHeader(ref reader, 3, limits.WantsPerPullMax, "Wants");
        Want[] wants = build ? new Want[count] : [];
        for (int index = 0; index < count; index++)
        {
            var want = new Want(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
            if (build)
            {
                wants[index] = want;
            }
        }

        WireReading.Skip(ref reader, surplus);
        return build ? new Pull(epoch, id, wants) : null;
    }
}
