using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>What the sender of a digest knows of the writers of a range of join indexes.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="First">The first join index of the range.</param>
/// <param name="Last">The last one.</param>
/// <param name="Sum">The sum over the range; 0 when writers are listed.</param>
/// <param name="Rows">The writers listed, by rising join index.</param>
internal readonly record struct DigestPart(DigestPartKind Kind, ulong First, ulong Last, ulong Sum, DigestRow[] Rows)
{
    /// <summary>Into how many parts a range is split whose sums differ.</summary>
    public const int SplitCount = 16;

    /// <summary>Most bytes besides the rows.</summary>
    public const int HeaderBytesMax = 34;

    /// <summary>Most bytes of a row.</summary>
    public const int RowBytesMax = 18;

    private const int FieldCount = 5;

    /// <summary>Most bytes on the wire.</summary>
    public int WireBytesMax => HeaderBytesMax + (Rows.Length * RowBytesMax);

    /// <summary>Writes it.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write((byte)Kind);
        writer.Write(First);
        writer.Write(Last - First);
        writer.Write(Sum);
        writer.WriteArrayHeader(Rows.Length * 2);
        foreach (DigestRow row in Rows)
        {
            writer.Write(row.JoinIndex - First);
            writer.Write(row.Counter);
        }
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="MessagePackException">It is malformed or out of bounds.</exception>
    public static DigestPart Read(ref MessagePackReader reader, RegistryLimits limits, bool build)
    {
        int surplus = WireReading.ReadFields(ref reader, FieldCount, "a part of a digest");
        var kind = (DigestPartKind)reader.ReadByte();
        ulong first = reader.ReadUInt64();
        ulong length = reader.ReadUInt64();
        if (length > ulong.MaxValue - first)
        {
            throw new MessagePackException("A range of writers is out of range.");
        }

        ulong sum = reader.ReadUInt64();
        int count = WireReading.ReadFlatHeader(ref reader, 2, limits.DigestBytesMax / 2, "Rows");
        DigestRow[] rows = build ? new DigestRow[count] : [];
        ulong next = 0;
        for (int index = 0; index < count; index++)
        {
            ulong offset = reader.ReadUInt64();
            if (offset < next || offset > length)
            {
                throw new MessagePackException("The rows of a digest rise within their range.");
            }

            next = offset + 1;
            ulong counter = reader.ReadUInt64();
            if (build)
            {
                rows[index] = new DigestRow(first + offset, counter);
            }
        }

        WireReading.Skip(ref reader, surplus);
        return new DigestPart(kind, first, first + length, sum, rows);
    }
}
