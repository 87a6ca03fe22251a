using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>Says to a writer how far its sender knows what that writer wrote.</summary>
/// <param name="epoch">The sender's epoch.</param>
/// <param name="incarnation">The writer's incarnation.</param>
/// <param name="version">The sender's counter for it.</param>
internal sealed class Acknowledgement(ulong epoch, ulong incarnation, ulong version) : RegistryMessage(epoch)
{
    /// <summary>Fields besides sort and epoch.</summary>
    public const int FieldCount = 2;

    /// <summary>The writer's incarnation.</summary>
    public ulong Incarnation { get; } = incarnation;

    /// <summary>The sender's counter for it.</summary>
    public ulong Version { get; } = version;

    /// <inheritdoc/>
    public override void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2 + FieldCount);
        writer.Write(AcknowledgementSort);
        writer.Write(Epoch);
        writer.Write(Incarnation);
        writer.Write(Version);
    }

    /// <summary>Reads one; null when it is only checked.</summary>
    public static Acknowledgement? Read(ref MessagePackReader reader, int surplus, ulong epoch, bool build)
    {
        ulong incarnation = reader.ReadUInt64();
        ulong version = reader.ReadUInt64();
        WireReading.Skip(ref reader, surplus);
        return build ? new Acknowledgement(epoch, incarnation, version) : null;
    }
}
