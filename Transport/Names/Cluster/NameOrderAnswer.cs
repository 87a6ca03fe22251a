using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>What became of a client's order. The numbers are on the wire and never change.</summary>
internal enum NameOrderOutcome : byte
{
    /// <summary>It is as ordered, or visible to all.</summary>
    Done = 1,

    /// <summary>The member itself, or another client of it, has the name.</summary>
    NameTaken = 2,

    /// <summary>The limits have no room for it, or for another wait.</summary>
    Full = 3,

    /// <summary>The name or the metadata is not acceptable.</summary>
    Malformed = 4,

    /// <summary>The client does not follow through this member, or not yet.</summary>
    UnknownClient = 5,

    /// <summary>The member is excluded from the cluster: the client will follow through another one.</summary>
    NotServing = 6,

    /// <summary>The time ran out before all knew it.</summary>
    NotVisible = 7,

    /// <summary>The member never wrote that version: it began a new life meanwhile.</summary>
    UnknownVersion = 8,
}

/// <summary>The answer to an order: <c>[outcome, version]</c>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Version">The member's version that carries it.</param>
internal readonly record struct NameOrderAnswer(NameOrderOutcome Outcome, ulong Version = 0)
{
    /// <summary>Most bytes of one.</summary>
    public const int BytesMax = 11;

    /// <summary>Writes it.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2);
        writer.Write((byte)Outcome);
        writer.Write(Version);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static NameOrderAnswer Decode(ReadOnlySpan<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        if (reader.ReadArrayHeader() < 2)
        {
            throw new MessagePackException("The answer to an order about a name has at least 2 elements.");
        }

        return new NameOrderAnswer((NameOrderOutcome)reader.ReadByte(), reader.ReadUInt64());
    }
}
