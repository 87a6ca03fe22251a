using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>One resource record of class IN. Immutable. Its value is kept as uncompressed bytes, the form in which records are compared.</summary>
internal sealed class DnsRecord
{
    private const int SrvPrefixBytes = 6;
    private readonly byte[] _value;

    private DnsRecord(DnsName name, DnsType type, uint ttlSeconds, bool cacheFlush, byte[] value, DnsName? target)
    {
        Name = name;
        Type = type;
        TtlSeconds = ttlSeconds;
        CacheFlush = cacheFlush;
        _value = value;
        Target = target;
    }

    /// <summary>Whose record it is.</summary>
    public DnsName Name { get; }

    /// <summary>Its type, never <see cref="DnsType.Any"/>.</summary>
    public DnsType Type { get; }

    /// <summary>How long it may be kept; zero takes it back.</summary>
    public uint TtlSeconds { get; }

    /// <summary>That it replaces what else was known of its name and type (RFC 6762, 10.2).</summary>
    public bool CacheFlush { get; }

    /// <summary>The value with names written out.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>The name that a <see cref="DnsType.Ptr"/> or <see cref="DnsType.Srv"/> record points to, else null.</summary>
    public DnsName? Target { get; }

    /// <summary>The port of a <see cref="DnsType.Srv"/> record.</summary>
    public ushort Port => BinaryPrimitives.ReadUInt16BigEndian(_value.AsSpan(4));

    /// <summary>The address of an <see cref="DnsType.A"/> or <see cref="DnsType.Aaaa"/> record.</summary>
    public IPAddress Address => new(_value);

    public static DnsRecord Ptr(DnsName name, DnsName target, uint ttlSeconds) =>
        new(name, DnsType.Ptr, ttlSeconds, false, target.Wire.ToArray(), target);

    public static DnsRecord Srv(DnsName name, DnsName target, ushort port, uint ttlSeconds, ushort priority = 0, ushort weight = 0)
    {
        byte[] value = new byte[SrvPrefixBytes + target.Wire.Length];
        BinaryPrimitives.WriteUInt16BigEndian(value, priority);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(2), weight);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(4), port);
        target.Wire.CopyTo(value.AsSpan(SrvPrefixBytes));
        return new(name, DnsType.Srv, ttlSeconds, false, value, target);
    }

    public static DnsRecord AddressOf(DnsName name, IPAddress address, uint ttlSeconds) =>
        new(name, address.AddressFamily == AddressFamily.InterNetwork ? DnsType.A : DnsType.Aaaa, ttlSeconds, false, address.GetAddressBytes(), null);

    /// <summary>A text record; no pair at all is one empty string (RFC 6763, 6.1).</summary>
    /// <exception cref="ArgumentException">A key is empty or holds '=' or other than printable ASCII, a string is longer than 255 bytes,
    /// or all are longer than <see cref="DnsLimits.TextBytesMax"/>.</exception>
    public static DnsRecord Txt(DnsName name, IReadOnlyDictionary<string, string> pairs, uint ttlSeconds)
    {
        List<byte> value = [];
        foreach ((string key, string text) in pairs)
        {
            if (key.Length == 0 || key.AsSpan().ContainsAnyExceptInRange(' ', '~') || key.Contains('='))
                throw new ArgumentException($"'{key}' cannot be the key of a text record: printable ASCII without '='.", nameof(pairs));
            byte[] bytes = Encoding.UTF8.GetBytes($"{key}={text}");
            if (bytes.Length > byte.MaxValue)
                throw new ArgumentException($"The text of '{key}' is longer than {byte.MaxValue} bytes.", nameof(pairs));
            value.Add((byte)bytes.Length);
            value.AddRange(bytes);
        }
        if (value.Count > DnsLimits.TextBytesMax)
            throw new ArgumentException($"A text record holds at most {DnsLimits.TextBytesMax} bytes.", nameof(pairs));
        if (value.Count == 0)
            value.Add(0);
        return new(name, DnsType.Txt, ttlSeconds, false, [.. value], null);
    }

    /// <summary>Says that at <paramref name="name"/> there are these types and no other (RFC 6762, 6.1: one bitmap block, types below 256).</summary>
    public static DnsRecord Nsec(DnsName name, ReadOnlySpan<DnsType> types, uint ttlSeconds)
    {
        Span<byte> bitmap = stackalloc byte[32];
        bitmap.Clear();
        int length = 0;
        foreach (DnsType type in types)
        {
            int at = (int)type / 8;
            bitmap[at] |= (byte)(0x80 >> ((int)type % 8));
            length = Math.Max(length, at + 1);
        }
        return new(name, DnsType.Nsec, ttlSeconds, false, [.. name.Wire, 0, (byte)length, .. bitmap[..length]], null);
    }

    /// <summary>A record as it was read; the caller checked the value against its type.</summary>
    internal static DnsRecord FromWire(DnsName name, DnsType type, uint ttlSeconds, bool cacheFlush, ReadOnlySpan<byte> value, DnsName? target) =>
        new(name, type, ttlSeconds, cacheFlush, value.ToArray(), target);

    /// <summary>The same record with another lifetime and cache-flush bit.</summary>
    public DnsRecord With(uint ttlSeconds, bool cacheFlush) => new(Name, Type, ttlSeconds, cacheFlush, _value, Target);

    /// <summary>Same name, type and value; lifetime and cache-flush bit do not count. Names inside values compare without case.</summary>
    public bool SameAs(DnsRecord other)
    {
        if (Type != other.Type || !Name.Equals(other.Name))
            return false;
        return Target is null || other.Target is null
            ? Value.SequenceEqual(other.Value)
            : Target.Equals(other.Target) && (Type != DnsType.Srv || Value[..SrvPrefixBytes].SequenceEqual(other.Value[..SrvPrefixBytes]));
    }

    /// <summary>The order of simultaneous probes: class (always IN here), type, then the bytes of the value (RFC 6762, 8.2).</summary>
    public static int CompareForTieBreak(DnsRecord left, DnsRecord right)
    {
        int byType = left.Type.CompareTo(right.Type);
        return byType != 0 ? byType : left.Value.SequenceCompareTo(right.Value);
    }

    /// <summary>The pairs of a text record. The first of equal keys counts, keys compare without case (RFC 6763, 6.4).</summary>
    public IReadOnlyDictionary<string, string> ReadText()
    {
        Dictionary<string, string> pairs = new(StringComparer.OrdinalIgnoreCase);
        for (ReadOnlySpan<byte> rest = _value; rest.Length > 0; rest = rest[(1 + rest[0])..])
        {
            string pair = Encoding.UTF8.GetString(rest.Slice(1, rest[0]));
            int equals = pair.IndexOf('=');
            if (pair.Length > 0 && equals != 0)
                pairs.TryAdd(equals < 0 ? pair : pair[..equals], equals < 0 ? "" : pair[(equals + 1)..]);
        }
        return pairs;
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        DnsType.A or DnsType.Aaaa => $"{Name} {TtlSeconds} {Type} {Address}",
        DnsType.Srv => $"{Name} {TtlSeconds} {Type} {Port} {Target}",
        DnsType.Ptr => $"{Name} {TtlSeconds} {Type} {Target}",
        _ => $"{Name} {TtlSeconds} {Type} ({Value.Length} bytes)",
    };
}
