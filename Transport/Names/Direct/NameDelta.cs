using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Names.Direct;

/// <summary>What changed at one writer in the interval (From, To] of its versions, complete: the payload of a gossip frame.</summary>
/// <param name="From">The version the receiver must have reached; 0 starts from nothing.</param>
/// <param name="To">The version it then has.</param>
/// <param name="Live">Entries whose version lies in the interval.</param>
/// <param name="Removed">Names removed in the interval.</param>
internal sealed record NameDelta(ulong From, ulong To, IReadOnlyList<NameEntry> Live, IReadOnlyList<string> Removed)
{
    /// <summary>Tells this payload from later sorts of gossip.</summary>
    private const byte Sort = 1;

    /// <summary>Writes it.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(5);
        writer.Write(Sort);
        writer.Write(From);
        writer.Write(To);
        writer.WriteArrayHeader(Live.Count);
        foreach (NameEntry entry in Live)
        {
            writer.WriteArrayHeader(4);
            writer.WriteString(entry.Name);
            writer.Write(entry.Version);
            writer.Write((byte)entry.Priority);
            writer.WriteBinary(entry.Metadata.Span);
        }

        writer.WriteArrayHeader(Removed.Count);
        foreach (string name in Removed)
        {
            writer.WriteString(name);
        }
    }

    /// <summary>Reads it; null for another sort of gossip.</summary>
    /// <exception cref="MessagePackException">It is malformed or out of bounds.</exception>
    public static NameDelta? Decode(ReadOnlySpan<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        if (reader.ReadArrayHeader() < 5 || reader.ReadByte() != Sort)
        {
            return null;
        }

        ulong from = reader.ReadUInt64();
        ulong to = reader.ReadUInt64();
        var live = new NameEntry[reader.ReadArrayHeader()];
        for (int index = 0; index < live.Length; index++)
        {
            int count = reader.ReadArrayHeader();
            if (count < 4)
            {
                throw new MessagePackException($"A registration has at least 4 elements, not {count}.");
            }

            string name = ReadName(ref reader);
            ulong version = reader.ReadUInt64();
            var priority = (RegistrationPriority)reader.ReadByte();
            ReadOnlySpan<byte> metadata = reader.ReadBinary();
            if (metadata.Length > NameEntry.MetadataBytesMax)
            {
                throw new MessagePackException($"The metadata of '{name}' has {metadata.Length} bytes; at most {NameEntry.MetadataBytesMax} are accepted.");
            }

            live[index] = new NameEntry(name, version, priority, metadata.ToArray());
            for (int surplus = 4; surplus < count; surplus++)
            {
                reader.Skip();
            }
        }

        var removed = new string[reader.ReadArrayHeader()];
        for (int index = 0; index < removed.Length; index++)
        {
            removed[index] = ReadName(ref reader);
        }

        return new NameDelta(from, to, live, removed);
    }

    private static string ReadName(ref MessagePackReader reader)
    {
        if (!reader.ReadUtf8Span(out ReadOnlySpan<byte> name) || name.Length is 0 or > NameEntry.NameBytesMax)
        {
            throw new MessagePackException($"A name has 1 to {NameEntry.NameBytesMax} bytes.");
        }

        return System.Text.Encoding.UTF8.GetString(name);
    }
}
