using System.Buffers.Binary;

namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>Writes the parts of a DNS message in order. Methods return false when the destination is full; the message is then of no use.</summary>
internal ref struct DnsWriter(Span<byte> destination, bool compress)
{
    private const ushort ClassIn = 1;
    private const ushort TopBit = 0x8000;
    private const int PointerTargetMax = 0x3FFF;

    private readonly Span<byte> _destination = destination;

    /// <summary>Where each suffix was written first; null without compression.</summary>
    private readonly Dictionary<DnsName, int>? _suffixes = compress ? [] : null;

    /// <summary>How many bytes are written.</summary>
    public int Position { get; private set; }

    public bool TryWriteUInt16(ushort value)
    {
        if (!BinaryPrimitives.TryWriteUInt16BigEndian(_destination[Position..], value))
            return false;
        Position += 2;
        return true;
    }

    public bool TryWriteQuestion(in DnsQuestion question) =>
        TryWriteName(question.Name.Wire) && TryWriteUInt16((ushort)question.Type)
        && TryWriteUInt16((ushort)(ClassIn | (question.UnicastResponse ? TopBit : 0)));

    public bool TryWriteRecord(DnsRecord record)
    {
        if (!TryWriteName(record.Name.Wire) || !TryWriteUInt16((ushort)record.Type)
            || !TryWriteUInt16((ushort)(ClassIn | (record.CacheFlush ? TopBit : 0)))
            || !TryWriteUInt16((ushort)(record.TtlSeconds >> 16)) || !TryWriteUInt16((ushort)record.TtlSeconds))
            return false;
        int lengthAt = Position;
        if (!TryWriteUInt16(0))
            return false;
        // RFC 6762, 18.14: names inside SRV may be compressed too; in NSEC ours are not, and readers accept both.
        bool written = record.Type switch
        {
            DnsType.Ptr => TryWriteName(record.Value),
            DnsType.Srv => TryWriteBytes(record.Value[..6]) && TryWriteName(record.Value[6..]),
            _ => TryWriteBytes(record.Value),
        };
        if (written)
            BinaryPrimitives.WriteUInt16BigEndian(_destination[lengthAt..], (ushort)(Position - lengthAt - 2));
        return written;
    }

    private bool TryWriteName(ReadOnlySpan<byte> wire)
    {
        while (wire[0] != 0)
        {
            if (_suffixes is not null)
            {
                DnsName suffix = DnsName.FromWire(wire);
                if (_suffixes.TryGetValue(suffix, out int target))
                    return TryWriteUInt16((ushort)(0xC000 | target));
                if (Position <= PointerTargetMax)
                    _suffixes.Add(suffix, Position);
            }
            if (!TryWriteBytes(wire[..(1 + wire[0])]))
                return false;
            wire = wire[(1 + wire[0])..];
        }
        return TryWriteBytes(wire);
    }

    private bool TryWriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.TryCopyTo(_destination[Position..]))
            return false;
        Position += bytes.Length;
        return true;
    }
}
