using Kameo.Actors.Catalog;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Placement;

/// <summary>What a node hosts, as it tells its peers in the hello: actor classes by wire name, and the interfaces each answers.</summary>
/// <param name="Classes">The classes; interfaces by wire name.</param>
internal sealed record HostedTypes(IReadOnlyList<HostedClass> Classes)
{
    /// <summary>A node that hosts nothing.</summary>
    public static HostedTypes None { get; } = new([]);

    /// <summary>What this process can host of what the options want.</summary>
    public static HostedTypes Of(IEnumerable<ActorClass> classes) =>
        new([.. classes.Select(static found => new HostedClass(
            found.Name,
            [.. found.Interfaces.Select(static type => ActorCatalog.Find(type)?.Name).OfType<string>()]))]);

    /// <summary>Writes them.</summary>
    public byte[] Encode()
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            writer.WriteArrayHeader(Classes.Count);
            foreach (HostedClass hosted in Classes)
            {
                writer.WriteArrayHeader(2);
                writer.WriteString(hosted.Name);
                writer.WriteArrayHeader(hosted.Interfaces.Count);
                foreach (string name in hosted.Interfaces)
                {
                    writer.WriteString(name);
                }
            }

            return scratch.WrittenSpan.ToArray();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>Reads what a peer sent. Its size is bounded by the hello's.</summary>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static HostedTypes Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return None;
        }

        var reader = new MessagePackReader(bytes);
        var classes = new HostedClass[reader.ReadArrayHeader()];
        for (int index = 0; index < classes.Length; index++)
        {
            int fields = reader.ReadArrayHeader();
            if (fields < 2)
            {
                throw new MessagePackException("A hosted class has a name and interfaces.");
            }

            string name = reader.ReadString() ?? string.Empty;
            string[] interfaces = new string[reader.ReadArrayHeader()];
            for (int at = 0; at < interfaces.Length; at++)
            {
                interfaces[at] = reader.ReadString() ?? string.Empty;
            }

            for (; fields > 2; fields--)
            {
                reader.Skip();
            }

            classes[index] = new HostedClass(name, interfaces);
        }

        return new HostedTypes(classes);
    }
}

/// <summary>One class that a node hosts.</summary>
/// <param name="Name">Its wire name.</param>
/// <param name="Interfaces">The wire names of the actor interfaces it answers.</param>
internal sealed record HostedClass(string Name, IReadOnlyList<string> Interfaces)
{
    /// <summary>No wire name has it.</summary>
    private const char Separator = '\n';

    /// <summary>Reads what <see cref="ToString"/> wrote; whatever else it is, is a name.</summary>
    public static HostedClass Parse(string text)
    {
        string[] parts = text.Split(Separator);
        return new HostedClass(parts[0], parts[1..]);
    }

    /// <summary>As a view has it: the class, then its interfaces, a line each.</summary>
    public override string ToString() => string.Join(Separator, [Name, .. Interfaces]);
}
