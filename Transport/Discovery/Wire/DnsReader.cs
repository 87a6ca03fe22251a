using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>Reads the parts of a DNS message in order. Every method returns false on malformed input and never throws on it.</summary>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    private const ushort ClassIn = 1;
    private const ushort ClassAny = 255;
    private const ushort TopBit = 0x8000;
    private const uint TtlSecondsSigned = 0x8000_0000;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_message[_position..], out value))
            return false;
        _position += 2;
        return true;
    }

    /// <summary>Reads a question.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="ours">False if it is of another class and to be left alone.</param>
    public bool TryReadQuestion(out DnsQuestion question, out bool ours)
    {
        question = default;
        ours = false;
        if (!TryReadName(out DnsName? name) || !TryReadUInt16(out ushort type) || !TryReadUInt16(out ushort classAndBit))
            return false;
        question = new DnsQuestion(name, (DnsType)type, (classAndBit & TopBit) != 0);
        ours = (classAndBit & ~TopBit) is ClassIn or ClassAny;
        return true;
    }

    /// <summary>Reads a record.</summary>
    /// <param name="record">Null if its type or class is unknown; it is then skipped.</param>
    public bool TryReadRecord(out DnsRecord? record)
    {
        record = null;
        if (!TryReadName(out DnsName? name) || !TryReadUInt16(out ushort type) || !TryReadUInt16(out ushort classAndBit)
            || !TryReadUInt32(out uint ttlSeconds) || !TryReadUInt16(out ushort length) || length > _message.Length - _position)
            return false;
        int end = _position + length;
        bool ours = (classAndBit & ~TopBit) == ClassIn;
        // RFC 2181, 8: a lifetime with the top bit set counts as zero.
        if (ttlSeconds >= TtlSecondsSigned)
            ttlSeconds = 0;
        bool wellFormed = !ours || TryReadValue(name, (DnsType)type, ttlSeconds, (classAndBit & TopBit) != 0, end, out record);
        _position = end;
        return wellFormed;
    }

    private bool TryReadValue(DnsName name, DnsType type, uint ttlSeconds, bool cacheFlush, int end, out DnsRecord? record)
    {
        record = null;
        ReadOnlySpan<byte> value = _message[_position..end];
        switch (type)
        {
            case DnsType.A when value.Length == 4:
            case DnsType.Aaaa when value.Length == 16:
            case DnsType.Txt when IsText(value):
                // RFC 6763, 6.1: no string at all counts as one empty string.
                record = DnsRecord.FromWire(name, type, ttlSeconds, cacheFlush, value.IsEmpty ? [0] : value, null);
                return true;
            case DnsType.Ptr:
                if (!TryReadName(out DnsName? pointee) || _position != end)
                    return false;
                record = DnsRecord.FromWire(name, type, ttlSeconds, cacheFlush, pointee.Wire, pointee);
                return true;
            case DnsType.Srv:
                _position += 6;
                if (value.Length < 7 || !TryReadName(out DnsName? host) || _position != end)
                    return false;
                record = DnsRecord.FromWire(name, type, ttlSeconds, cacheFlush, [.. value[..6], .. host.Wire], host);
                return true;
            case DnsType.A or DnsType.Aaaa or DnsType.Txt:
                return false;
            default:
                return true;
        }
    }

    private bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_message[_position..], out value))
            return false;
        _position += 4;
        return true;
    }

    /// <summary>Reads a name. A pointer must aim before the place where the labels it ends began, so that no loop is possible.</summary>
    private bool TryReadName([NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[DnsLimits.NameBytesMax];
        int length = 0;
        int at = _position;
        int floor = at;
        int after = -1;
        for (int pointers = 0; ;)
        {
            if ((uint)at >= (uint)_message.Length)
                return false;
            int head = _message[at];
            if (head == 0)
            {
                wire[length++] = 0;
                _position = after < 0 ? at + 1 : after;
                name = DnsName.FromWire(wire[..length]);
                return true;
            }
            if (head <= DnsLimits.LabelBytesMax)
            {
                // One byte is kept for the closing zero.
                if (at + 1 + head > _message.Length || length + 1 + head > wire.Length - 1)
                    return false;
                _message.Slice(at, 1 + head).CopyTo(wire[length..]);
                length += 1 + head;
                at += 1 + head;
                continue;
            }
            if (head < 0xC0 || at + 1 >= _message.Length || ++pointers > DnsLimits.PointersMax)
                return false;
            if (after < 0)
                after = at + 2;
            int target = ((head & 0x3F) << 8) | _message[at + 1];
            if (target >= floor)
                return false;
            at = floor = target;
        }
    }

    private static bool IsText(ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            if (1 + value[0] > value.Length)
                return false;
            value = value[(1 + value[0])..];
        }
        return true;
    }
}
