using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>The answer to an order: <c>[outcome, version]</c>.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Version">The member's version that carries it.</param>
internal readonly record struct NameOrderAnswer(NameOrderOutcome Outcome, ulong Version = 0)
{
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
