using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>An order of a client about its names: the payload of an ask of its member, <c>[kind, name, priority, metadata, version, milliseconds]</c>; later fields are passed over.</summary>
/// <param name="Kind">What is wanted.</param>
/// <param name="Name">The name; empty for a wait.</param>
/// <param name="Priority">How soon others are told.</param>
/// <param name="Metadata">What the registration says of itself.</param>
/// <param name="Version">The version waited for.</param>
/// <param name="Milliseconds">How long.</param>
internal sealed record NameOrder(NameOrderKind Kind, string Name, RegistrationPriority Priority, ReadOnlyMemory<byte> Metadata, ulong Version = 0, uint Milliseconds = 0)
{
    private const int FieldCount = 6;

    /// <summary>Writes it.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write((byte)Kind);
        writer.WriteString(Name);
        writer.Write((byte)Priority);
        writer.WriteBinary(Metadata.Span);
        writer.Write(Version);
        writer.Write((ulong)Milliseconds);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="MessagePackException">It is malformed or out of bounds.</exception>
    public static NameOrder Decode(ReadOnlySpan<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        int count = reader.ReadArrayHeader();
        if (count < FieldCount)
        {
            throw new MessagePackException($"An order about a name has at least {FieldCount} elements, not {count}.");
        }

        var kind = (NameOrderKind)reader.ReadByte();
        if (!reader.ReadUtf8Span(out ReadOnlySpan<byte> name) || name.Length > NameEntry.NameBytesMax)
        {
            throw new MessagePackException($"A name has at most {NameEntry.NameBytesMax} bytes.");
        }

        var priority = (RegistrationPriority)reader.ReadByte();
        ReadOnlySpan<byte> metadata = reader.ReadBinary();
        if (metadata.Length > NameEntry.MetadataBytesMax)
        {
            throw new MessagePackException($"Metadata has at most {NameEntry.MetadataBytesMax} bytes, not {metadata.Length}.");
        }

        ulong version = reader.ReadUInt64();
        ulong milliseconds = reader.ReadUInt64();
        return new NameOrder(kind, System.Text.Encoding.UTF8.GetString(name), priority, metadata.ToArray(), version, (uint)Math.Min(milliseconds, uint.MaxValue));
    }
}
