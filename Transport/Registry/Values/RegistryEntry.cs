using System.Text;
using System.Text.Unicode;
using Kameo.Actors.Transport.Registry.Wire;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry;

/// <summary>One registration as its writer wrote it. Immutable.</summary>
/// <param name="name">The name.</param>
/// <param name="version">The writer's version at which it was written; no other entry or removal of that writer has it.</param>
/// <param name="kind">What answers under the name: opaque here, for the layer above.</param>
/// <param name="priority">How soon changes of it are told.</param>
/// <param name="metadata">Opaque bytes, never changed.</param>
/// <param name="client">The client that the writer registered it for; the default value when it is the writer's own.</param>
internal sealed class RegistryEntry(string name, ulong version, byte kind, RegistrationPriority priority, ReadOnlyMemory<byte> metadata, PeerId client)
{
    /// <summary>Most bytes on the wire besides name and metadata: headers, version, kind, priority, client.</summary>
    public const int WireOverheadBytesMax = 60;

    private const int FieldCount = 6;

    /// <summary>Objects and table places of an entry, measured as about this.</summary>
    private const int MemoryOverheadBytes = 224;

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>The writer's version at which it was written.</summary>
    public ulong Version { get; } = version;

    /// <summary>What answers under the name.</summary>
    public byte Kind { get; } = kind;

    /// <summary>How soon changes of it are told.</summary>
    public RegistrationPriority Priority { get; } = priority;

    /// <summary>What the registration says of itself.</summary>
    public ReadOnlyMemory<byte> Metadata { get; } = metadata;

    /// <summary>The client that it was registered for; the default value when it is its writer's own.</summary>
    public PeerId Client { get; } = client;

    /// <summary>Memory it counts for.</summary>
    public int MemoryBytes => MemoryOverheadBytes + (2 * Name.Length) + Metadata.Length;

    /// <summary>Most bytes it takes in a message.</summary>
    public int WireBytesMax => WireOverheadBytesMax + Encoding.UTF8.GetByteCount(Name) + Metadata.Length;

    /// <summary>Writes it; versions ascend, so the distance to the one before is what is written.</summary>
    public void Encode(ref MessagePackWriter writer, ulong previous)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.WriteString(Name);
        writer.Write(Version - previous);
        writer.Write(Kind);
        writer.Write((byte)Priority);
        writer.WriteBinary(Metadata.Span);
        Span<byte> client = stackalloc byte[PeerId.Bytes];
        Client.CopyTo(client);
        writer.WriteBinary(Client.IsDefault ? [] : client);
    }

    /// <summary>Reads one.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="limits">What is accepted.</param>
    /// <param name="version">In: the version before; out: its own.</param>
    /// <param name="versionMax">The highest version it may have.</param>
    /// <param name="build">False only checks, and allocates nothing.</param>
    /// <exception cref="MessagePackException">It is malformed or out of bounds.</exception>
    public static RegistryEntry? Read(ref MessagePackReader reader, RegistryLimits limits, ref ulong version, ulong versionMax, bool build)
    {
        int surplus = WireReading.ReadFields(ref reader, FieldCount, "an entry");
        if (!reader.ReadUtf8Span(out ReadOnlySpan<byte> name) || name.Length == 0 || name.Length > limits.NameBytesMax || !Utf8.IsValid(name))
        {
            throw new MessagePackException($"A name has 1 to {limits.NameBytesMax} bytes of UTF-8.");
        }

        WireReading.ReadRise(ref reader, ref version, versionMax);
        byte kind = reader.ReadByte();
        var priority = (RegistrationPriority)reader.ReadByte();
        ReadOnlySpan<byte> metadata = reader.ReadBinary();
        if (metadata.Length > limits.MetadataBytesMax)
        {
            throw new MessagePackException($"Metadata has at most {limits.MetadataBytesMax} bytes, not {metadata.Length}.");
        }

        ReadOnlySpan<byte> client = reader.ReadBinary();
        if (client.Length != 0 && client.Length != PeerId.Bytes)
        {
            throw new MessagePackException($"A client's id has {PeerId.Bytes} bytes, not {client.Length}.");
        }

        WireReading.Skip(ref reader, surplus);
        return build ? new RegistryEntry(Encoding.UTF8.GetString(name), version, kind, priority, metadata.ToArray(), client.IsEmpty ? default : new PeerId(client)) : null;
    }

    /// <summary>The name and its version.</summary>
    public override string ToString() => $"{Name}#{Version}";
}
