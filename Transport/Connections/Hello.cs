using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Connections;

/// <summary>The first frame each side sends on a connection: who speaks, which protocol, and what it grants. No request is sent before both hellos are read.</summary>
/// <remarks>
/// Travels as a MessagePack array in this order; a later version adds elements at the end, which earlier ones skip. The limits a side states here are its own:
/// what it promises to accept. The identity itself is not in the hello: it is proven by the TLS handshake.
/// </remarks>
internal sealed record Hello
{
    /// <summary>The oldest and newest protocol that this code speaks.</summary>
    public const int ProtocolCurrent = 1;

    /// <summary>Most bytes of <see cref="ApplicationData"/>: with everything else it fits one frame of the smallest default ring.</summary>
    public const int ApplicationBytesMax = 48 * 1024;

    /// <summary>Most UTF-16 units in a cluster name or an address.</summary>
    public const int TextLengthMax = 255;

    /// <summary>Oldest protocol version understood.</summary>
    public int ProtocolMin { get; init; } = ProtocolCurrent;

    /// <summary>Newest protocol version understood.</summary>
    public int ProtocolMax { get; init; } = ProtocolCurrent;

    /// <summary>Bits for what may be used beyond the protocol version; none are defined yet, unknown ones are ignored.</summary>
    public ulong Capabilities { get; init; }

    /// <summary>The cluster's name: both sides must have the same.</summary>
    public required string ClusterName { get; init; }

    /// <summary>The founding this node belongs to, 128 bits; zero while it belongs to none.</summary>
    public UInt128 ClusterId { get; init; }

    /// <summary>64 random bits drawn when the node started: which life of the peer this is.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>How many connections this incarnation had dialled before this one; of two dialled by the same side the higher number is the newer.</summary>
    public ulong DialNumber { get; init; }

    /// <summary>Where others can dial this node, or empty when nobody can.</summary>
    public string AdvertisedAddress { get; init; } = string.Empty;

    /// <summary>Whether this node only calls: it hosts nothing and is never a member.</summary>
    public bool IsClient { get; init; }

    /// <summary>The longest frame this side accepts, in bytes.</summary>
    public required int FrameBytesMax { get; init; }

    /// <summary>The request window this side grants at the start, in bytes.</summary>
    public required long WindowBytes { get; init; }

    /// <summary>How many ids this side keeps numbers for.</summary>
    public required int InternedIdsMax { get; init; }

    /// <summary>How many bytes of ids this side keeps numbers for.</summary>
    public required int InternedBytesMax { get; init; }

    /// <summary>How many streams this side receives at a time.</summary>
    public int StreamsMax { get; init; }

    /// <summary>Bytes of one stream that this side lets be under way, headers of chunks included.</summary>
    public long StreamWindowBytes { get; init; }

    /// <summary>The longest payload this side gathers from a stream, in bytes.</summary>
    public long PayloadBytesMax { get; init; }

    /// <summary>What the layer above says of itself, opaque here.</summary>
    public ReadOnlyMemory<byte> ApplicationData { get; init; }

    /// <summary>Writes the payload of a hello frame.</summary>
    public void Encode(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(15);
        writer.Write(ProtocolMin);
        writer.Write(ProtocolMax);
        writer.Write(Capabilities);
        writer.WriteString(ClusterName);
        writer.Write((ulong)(ClusterId >> 64));
        writer.Write((ulong)ClusterId);
        writer.Write(Incarnation);
        writer.Write(DialNumber);
        writer.WriteString(AdvertisedAddress);
        writer.Write(IsClient);
        writer.Write(FrameBytesMax);
        writer.Write(WindowBytes);
        writer.WriteArrayHeader(2);
        writer.Write(InternedIdsMax);
        writer.Write(InternedBytesMax);
        writer.WriteBinary(ApplicationData.Span);
        writer.WriteArrayHeader(3);
        writer.Write(StreamsMax);
        writer.Write(StreamWindowBytes);
        writer.Write(PayloadBytesMax);
    }

    /// <summary>Reads the payload of a hello frame; surplus elements of a later version are skipped.</summary>
    /// <exception cref="MessagePackException">It is malformed, or a value is out of its range.</exception>
    public static Hello Decode(ReadOnlySpan<byte> payload)
    {
        var reader = new MessagePackReader(payload);
        int count = reader.ReadArrayHeader();
        if (count < 14)
        {
            throw new MessagePackException($"A hello has at least 14 elements, not {count}.");
        }

        int protocolMin = reader.ReadInt32();
        int protocolMax = reader.ReadInt32();
        ulong capabilities = reader.ReadUInt64();
        string cluster = ReadText(ref reader, "cluster name");
        var clusterId = new UInt128(reader.ReadUInt64(), reader.ReadUInt64());
        ulong incarnation = reader.ReadUInt64();
        ulong dial = reader.ReadUInt64();
        string address = ReadText(ref reader, "address");
        bool client = reader.ReadBoolean();
        int frameBytes = (int)InRange(reader.ReadInt64(), 1024, int.MaxValue, "frame limit");
        long window = InRange(reader.ReadInt64(), 4096, long.MaxValue / 4, "window");
        if (reader.ReadArrayHeader() != 2)
        {
            throw new MessagePackException("The table limits of a hello are a pair.");
        }

        int ids = (int)InRange(reader.ReadInt64(), 0, int.MaxValue, "table size");
        int idBytes = (int)InRange(reader.ReadInt64(), 0, int.MaxValue, "table bytes");
        ReadOnlySpan<byte> data = reader.ReadBinary();
        if (data.Length > ApplicationBytesMax)
        {
            throw new MessagePackException($"The application data of a hello has {data.Length} bytes; at most {ApplicationBytesMax} are accepted.");
        }

        int streams = 0;
        long streamWindow = 0;
        long payloadBytes = 0;
        if (count > 14 && reader.ReadArrayHeader() is int limits)
        {
            if (limits < 3)
            {
                throw new MessagePackException("The stream limits of a hello are three.");
            }

            streams = (int)InRange(reader.ReadInt64(), 0, int.MaxValue, "number of streams");
            streamWindow = InRange(reader.ReadInt64(), 4096, uint.MaxValue, "stream window");
            payloadBytes = InRange(reader.ReadInt64(), 0, long.MaxValue / 4, "payload limit");
        }

        return new Hello
        {
            StreamsMax = streams,
            StreamWindowBytes = streamWindow,
            PayloadBytesMax = payloadBytes,
            ProtocolMin = protocolMin,
            ProtocolMax = protocolMax,
            Capabilities = capabilities,
            ClusterName = cluster,
            ClusterId = clusterId,
            Incarnation = incarnation,
            DialNumber = dial,
            AdvertisedAddress = address,
            IsClient = client,
            FrameBytesMax = frameBytes,
            WindowBytes = window,
            InternedIdsMax = ids,
            InternedBytesMax = idBytes,
            ApplicationData = data.ToArray(),
        };
    }

    /// <summary>Whether a node that said <paramref name="mine"/> may talk to one that said this; pure.</summary>
    /// <returns><see cref="CloseReason.None"/>, or why not, with a sentence for the log.</returns>
    public CloseReason Check(Hello mine, out string detail)
    {
        if (ClusterName != mine.ClusterName)
        {
            detail = $"it belongs to the cluster '{ClusterName}', this node to '{mine.ClusterName}'";
            return CloseReason.WrongCluster;
        }

        if (ClusterId != 0 && mine.ClusterId != 0 && ClusterId != mine.ClusterId)
        {
            detail = $"it belongs to another founding of the cluster '{ClusterName}'";
            return CloseReason.WrongCluster;
        }

        if (ProtocolMax < mine.ProtocolMin || ProtocolMin > mine.ProtocolMax)
        {
            detail = $"it speaks protocol {ProtocolMin} to {ProtocolMax}, this node {mine.ProtocolMin} to {mine.ProtocolMax}";
            return CloseReason.ProtocolVersion;
        }

        detail = string.Empty;
        return CloseReason.None;
    }

    private static string ReadText(ref MessagePackReader reader, string what)
    {
        string text = reader.ReadString() ?? string.Empty;
        return text.Length <= TextLengthMax ? text : throw new MessagePackException($"The {what} of a hello is longer than {TextLengthMax}.");
    }

    private static long InRange(long value, long min, long max, string what) =>
        value >= min && value <= max ? value : throw new MessagePackException($"The {what} of a hello is {value}, outside {min} to {max}.");
}
