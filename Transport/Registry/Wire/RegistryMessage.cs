using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>One message between two registries: an array of its sort, its sender's epoch and its own fields.</summary>
/// <param name="epoch">The sender's epoch: whoever is behind learns it.</param>
internal abstract class RegistryMessage(ulong epoch)
{
    /// <summary>The sorts; 1 is the delta of directly connected nodes, which travels in the same frames.</summary>
    protected const byte DigestSort = 2, PullSort = 3, DeltaBatchSort = 4, AcknowledgementSort = 5;

    /// <summary>The sender's epoch.</summary>
    public ulong Epoch { get; } = epoch;

    /// <summary>Writes it.</summary>
    public abstract void Encode(ref MessagePackWriter writer);

    /// <summary>Reads a message. It is checked from its first byte to its last before anything of it is allocated.</summary>
    /// <returns>Null for a sort that a later version has.</returns>
    /// <exception cref="MessagePackException">It is malformed or out of bounds.</exception>
    public static RegistryMessage? Decode(ReadOnlySpan<byte> bytes, RegistryLimits limits)
    {
        if (bytes.Length > limits.MessageBytesMax)
        {
            throw new MessagePackException($"A message has at most {limits.MessageBytesMax} bytes, not {bytes.Length}.");
        }

        return Read(bytes, limits, build: false, out bool isKnown) is null && !isKnown ? null : Read(bytes, limits, build: true, out _);
    }

    private static RegistryMessage? Read(ReadOnlySpan<byte> bytes, RegistryLimits limits, bool build, out bool isKnown)
    {
        var reader = new MessagePackReader(bytes);
        int fields = WireReading.ReadFields(ref reader, 2, "a message");
        byte sort = reader.ReadByte();
        ulong epoch = reader.ReadUInt64();
        isKnown = sort is DigestSort or PullSort or DeltaBatchSort or AcknowledgementSort;
        RegistryMessage? message = sort switch
        {
            DigestSort => Digest.Read(ref reader, Surplus(fields, Digest.FieldCount), epoch, limits, build),
            PullSort => Pull.Read(ref reader, Surplus(fields, Pull.FieldCount), epoch, limits, build),
            DeltaBatchSort => DeltaBatch.Read(ref reader, Surplus(fields, DeltaBatch.FieldCount), epoch, limits, build),
            AcknowledgementSort => Acknowledgement.Read(ref reader, Surplus(fields, Acknowledgement.FieldCount), epoch, build),
            _ => null,
        };
        return !isKnown || reader.IsAtEnd ? message : throw new MessagePackException("Bytes follow the message.");
    }

    private static int Surplus(int fields, int own) => fields >= own ? fields - own : throw new MessagePackException($"A message has {own} fields of its own, not {fields}.");
}
