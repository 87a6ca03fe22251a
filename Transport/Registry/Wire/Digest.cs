using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>What its sender knows, in short: compared range by range, until the writers are found of which one side knows more.</summary>
/// <remarks>Two registries that know the same exchange one sum, however many writers there are. Otherwise the range is split sixteenfold, down to ranges of few writers that are listed.</remarks>
/// <param name="epoch">The sender's epoch.</param>
/// <param name="salt">Goes into all sums, and into those of the answer: another one for each comparison, so that no two states look equal twice by chance.</param>
/// <param name="parts">The ranges.</param>
internal sealed class Digest(ulong epoch, ulong salt, DigestPart[] parts) : RegistryMessage(epoch)
{
    /// <summary>Fields besides sort and epoch.</summary>
    public const int FieldCount = 2;

    /// <summary>Most bytes besides the parts.</summary>
    public const int HeaderBytesMax = 26;

    /// <summary>What goes into all sums.</summary>
    public ulong Salt { get; } = salt;

    /// <summary>The ranges.</summary>
    public DigestPart[] Parts { get; } = parts;

    /// <summary>What one writer adds to a sum. The finaliser is that of MurmurHash3 (64 bits); a sum of such values does not depend on their order.</summary>
    public static ulong Term(ulong salt, ulong joinIndex, ulong incarnation, ulong counter)
    {
        ulong hash = Mix(joinIndex + 0x9e3779b97f4a7c15);
        hash = Mix(hash ^ incarnation);
        hash = Mix(hash + counter);
        return Mix(hash ^ salt);
    }

    /// <inheritdoc/>
    public override void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2 + FieldCount);
        writer.Write(DigestSort);
        writer.Write(Epoch);
        writer.Write(Salt);
        writer.WriteArrayHeader(Parts.Length);
        foreach (DigestPart part in Parts)
        {
            part.Encode(ref writer);
        }
    }

    /// <summary>Reads one; null when it is only checked.</summary>
    public static Digest? Read(ref MessagePackReader reader, int surplus, ulong epoch, RegistryLimits limits, bool build)
    {
        ulong salt = reader.ReadUInt64();
        int count = reader.ReadArrayHeader();
        DigestPart[] parts = build ? new DigestPart[count] : [];
        for (int index = 0; index < count; index++)
        {
            DigestPart part = DigestPart.Read(ref reader, limits, build);
            if (build)
            {
                parts[index] = part;
            }
        }

        WireReading.Skip(ref reader, surplus);
        return build ? new Digest(epoch, salt, parts) : null;
    }

    private static ulong Mix(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
}
