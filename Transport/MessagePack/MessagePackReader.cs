using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.MessagePack;

/// <summary>
/// Reads MessagePack from memory that somebody else owns: nothing is allocated but the strings asked for, and no count is believed that the bytes behind it could not hold.
/// </summary>
/// <remarks>Integers are read from any width that holds their value. Every method throws <see cref="MessagePackException"/> for bytes that are not what it reads. Not thread safe.</remarks>
public ref partial struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly InboundStream[]? _streams;
    private readonly ICountedBytes? _holders;
    private int _position;
    private int _depth;
    private IDecodedPayload? _payloads;

    /// <summary>Reads from bytes that must stay as they are meanwhile.</summary>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Reads a message that came over the network.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="streams">The streams that came with it.</param>
    /// <param name="holders">What the message is in, if the caller holds it and nobody else reads or writes the message: values may then be left there, and moved there.</param>
    internal MessagePackReader(ReadOnlySpan<byte> bytes, InboundStream[]? streams, ICountedBytes? holders = null)
    {
        _bytes = bytes;
        _streams = streams;
        _holders = holders;
    }

    /// <summary>Reads the number of a stream and gives the stream.</summary>
    internal Stream ReadStream()
    {
        int index = ReadInt32();
        return _streams is not null && (uint)index < (uint)_streams.Length ? _streams[index] : throw new MessagePackException($"The message has no stream of the number {index}.");
    }

    /// <summary>How many bytes were read.</summary>
    public readonly int Consumed => _position;

    /// <summary>Whether everything was read.</summary>
    public readonly bool IsAtEnd => _position == _bytes.Length;

    private readonly int Remaining => _bytes.Length - _position;

    /// <summary>Reads nil if it is next.</summary>
    public bool TryReadNil()
    {
        if (Peek() != MessagePackCode.Nil)
        {
            return false;
        }

        _position++;
        return true;
    }

    /// <summary>Reads a boolean.</summary>
    public bool ReadBoolean()
    {
        byte code = ReadCode();
        if (code is not (MessagePackCode.True or MessagePackCode.False))
        {
            ThrowUnexpected(code, "a boolean");
        }

        return code == MessagePackCode.True;
    }

    /// <summary>Reads an integer.</summary>
    public byte ReadByte() => (byte)ReadUnsigned(byte.MaxValue);

    /// <summary>Reads an integer.</summary>
    public ushort ReadUInt16() => (ushort)ReadUnsigned(ushort.MaxValue);

    /// <summary>Reads an integer.</summary>
    public uint ReadUInt32() => (uint)ReadUnsigned(uint.MaxValue);

    /// <summary>Reads an integer.</summary>
    public ulong ReadUInt64() => ReadUnsigned(ulong.MaxValue);

    /// <summary>Reads an integer.</summary>
    public sbyte ReadSByte() => (sbyte)ReadSigned(sbyte.MinValue, sbyte.MaxValue);

    /// <summary>Reads an integer.</summary>
    public short ReadInt16() => (short)ReadSigned(short.MinValue, short.MaxValue);

    /// <summary>Reads an integer.</summary>
    public int ReadInt32() => (int)ReadSigned(int.MinValue, int.MaxValue);

    /// <summary>Reads an integer.</summary>
    public long ReadInt64() => ReadSigned(long.MinValue, long.MaxValue);

    /// <summary>Reads a number of 32 bits; from one of 64 bits or an integer the nearest.</summary>
    public float ReadSingle() => Peek() == MessagePackCode.Float32 ? ReadFloat32() : (float)ReadDouble();

    /// <summary>Reads a number of 64 bits; from an integer the nearest.</summary>
    public double ReadDouble()
    {
        byte code = Peek();
        if (code == MessagePackCode.Float64)
        {
            _position++;
            return BitConverter.UInt64BitsToDouble(BinaryPrimitives.ReadUInt64BigEndian(Take(8)));
        }

        if (code == MessagePackCode.Float32)
        {
            return ReadFloat32();
        }

        return IsNegative(code) ? ReadInt64() : ReadUInt64();
    }

    /// <summary>Reads a string, or null for nil.</summary>
    public string? ReadString()
    {
        if (!ReadUtf8Span(out ReadOnlySpan<byte> utf8))
        {
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            ThrowBadUtf8();
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Reads a string as the UTF-8 it is, in place, not checked; false for nil.</summary>
    public bool ReadUtf8Span(out ReadOnlySpan<byte> utf8)
    {
        byte code = ReadCode();
        int length;
        switch (code)
        {
            case MessagePackCode.Nil:
                utf8 = default;
                return false;
            case MessagePackCode.String8:
                length = ReadLength(1);
                break;
            case MessagePackCode.String16:
                length = ReadLength(2);
                break;
            case MessagePackCode.String32:
                length = ReadLength(4);
                break;
            default:
                if ((code & 0xe0) != MessagePackCode.FixString)
                {
                    ThrowUnexpected(code, "a string");
                }

                length = code & 0x1f;
                break;
        }

        utf8 = Take(length);
        return true;
    }

    /// <summary>Reads bytes, in place. Nil reads as none.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        byte code = ReadCode();
        switch (code)
        {
            case MessagePackCode.Nil:
                return default;
            case MessagePackCode.Binary8:
                return Take(ReadLength(1));
            case MessagePackCode.Binary16:
                return Take(ReadLength(2));
            case MessagePackCode.Binary32:
                return Take(ReadLength(4));
            default:
                ThrowUnexpected(code, "binary");
                return default;
        }
    }

    /// <summary>Reads the header of an array. The count is at most the number of bytes left, so an array of that size may be made.</summary>
    public int ReadArrayHeader()
    {
        byte code = ReadCode();
        int count = 0;
        switch (code)
        {
            case MessagePackCode.Array16:
                count = ReadLength(2);
                break;
            case MessagePackCode.Array32:
                count = ReadLength(4);
                break;
            default:
                if ((code & 0xf0) != MessagePackCode.FixArray)
                {
                    ThrowUnexpected(code, "an array");
                }

                count = code & 0x0f;
                break;
        }

        if (count > Remaining)
        {
            ThrowTruncated();
        }

        return count;
    }

    /// <summary>Reads the header of a map: how many pairs follow; at most half the number of bytes left.</summary>
    public int ReadMapHeader()
    {
        byte code = ReadCode();
        int count = 0;
        switch (code)
        {
            case MessagePackCode.Map16:
                count = ReadLength(2);
                break;
            case MessagePackCode.Map32:
                count = ReadLength(4);
                break;
            default:
                if ((code & 0xf0) != MessagePackCode.FixMap)
                {
                    ThrowUnexpected(code, "a map");
                }

                count = code & 0x0f;
                break;
        }

        if (count > Remaining / 2)
        {
            ThrowTruncated();
        }

        return count;
    }

    /// <summary>Reads an extension, in place.</summary>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        byte code = ReadCode();
        int length = code switch
        {
            MessagePackCode.FixExtension1 => 1,
            MessagePackCode.FixExtension2 => 2,
            MessagePackCode.FixExtension4 => 4,
            MessagePackCode.FixExtension8 => 8,
            MessagePackCode.FixExtension16 => 16,
            MessagePackCode.Extension8 => ReadLength(1),
            MessagePackCode.Extension16 => ReadLength(2),
            MessagePackCode.Extension32 => ReadLength(4),
            _ => -1,
        };
        if (length < 0)
        {
            ThrowUnexpected(code, "an extension");
        }

        type = (sbyte)Take(1)[0];
        return Take(length);
    }

    /// <summary>Reads a point in time: seconds since 1970-01-01 UTC, negative before, and 0 to 999,999,999 nanoseconds more.</summary>
    public long ReadTimestamp(out uint nanoseconds)
    {
        ReadOnlySpan<byte> value = ReadExtension(out sbyte type);
        if (type == MessagePackCode.Timestamp)
        {
            switch (value.Length)
            {
                case 4:
                    nanoseconds = 0;
                    return BinaryPrimitives.ReadUInt32BigEndian(value);
                case 8:
                    ulong both = BinaryPrimitives.ReadUInt64BigEndian(value);
                    nanoseconds = (uint)(both >> 34);
                    if (nanoseconds <= 999_999_999)
                    {
                        return (long)(both & 0x3_ffff_ffff);
                    }

                    break;
                case 12:
                    nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(value);
                    if (nanoseconds <= 999_999_999)
                    {
                        return BinaryPrimitives.ReadInt64BigEndian(value[4..]);
                    }

                    break;
            }
        }

        throw new MessagePackException($"An extension of type {type} with {value.Length} bytes is no timestamp.");
    }

    /// <summary>Passes over one value, whatever it is.</summary>
    public void Skip()
    {
        byte code = Peek();
        switch (code)
        {
            case <= MessagePackCode.PositiveFixIntMax or >= MessagePackCode.NegativeFixIntMin:
            case MessagePackCode.Nil or MessagePackCode.True or MessagePackCode.False:
                _position++;
                break;
            case < MessagePackCode.FixArray or MessagePackCode.Map16 or MessagePackCode.Map32:
                SkipMany(2L * ReadMapHeader());
                break;
            case < MessagePackCode.FixString or MessagePackCode.Array16 or MessagePackCode.Array32:
                SkipMany(ReadArrayHeader());
                break;
            case MessagePackCode.NeverUsed:
                ThrowUnexpected(code, "a value");
                break;
            case < MessagePackCode.Nil or MessagePackCode.String8 or MessagePackCode.String16 or MessagePackCode.String32:
                ReadUtf8Span(out _);
                break;
            case <= MessagePackCode.Binary32:
                ReadBinary();
                break;
            case MessagePackCode.Float32 or MessagePackCode.UInt32 or MessagePackCode.Int32:
                _position++;
                Take(4);
                break;
            case MessagePackCode.Float64 or MessagePackCode.UInt64 or MessagePackCode.Int64:
                _position++;
                Take(8);
                break;
            case MessagePackCode.UInt8 or MessagePackCode.Int8:
                _position++;
                Take(1);
                break;
            case MessagePackCode.UInt16 or MessagePackCode.Int16:
                _position++;
                Take(2);
                break;
            default:
                ReadExtension(out _);
                break;
        }
    }

    /// <summary>Passes over one value and gives it as it is encoded, in place.</summary>
    public ReadOnlySpan<byte> ReadRaw()
    {
        int start = _position;
        Skip();
        return _bytes[start.._position];
    }

    /// <summary>Before the elements of a nested value: refuses what is nested too deep.</summary>
    public void EnterNested()
    {
        if (++_depth > MessagePackWriter.DepthMax)
        {
            ThrowTooDeep();
        }
    }

    /// <summary>After the elements of a nested value.</summary>
    public void LeaveNested() => _depth--;

    private static bool IsNegative(byte code) => code is >= MessagePackCode.NegativeFixIntMin or (>= MessagePackCode.Int8 and <= MessagePackCode.Int64);

    [DoesNotReturn]
    private static void ThrowTruncated() => throw new MessagePackException("The bytes end before the value does.");

    [DoesNotReturn]
    private static void ThrowTooDeep() => throw new MessagePackException($"The value is nested deeper than {MessagePackWriter.DepthMax} levels.");

    [DoesNotReturn]
    private static void ThrowUnexpected(byte code, string expected) =>
        throw new MessagePackException($"Expected {expected}, found {MessagePackCode.Describe(code)}.");

    [DoesNotReturn]
    private static void ThrowRange(string value) => throw new MessagePackException($"The integer {value} does not fit the type that is read.");

    [DoesNotReturn]
    private static void ThrowBadUtf8() => throw new MessagePackException("A string is not valid UTF-8.");

    private void SkipMany(long count)
    {
        EnterNested();
        for (; count > 0; count--)
        {
            Skip();
        }

        LeaveNested();
    }

    private float ReadFloat32()
    {
        _position++;
        return BitConverter.UInt32BitsToSingle(BinaryPrimitives.ReadUInt32BigEndian(Take(4)));
    }

    private ulong ReadUnsigned(ulong max)
    {
        byte code = Peek();
        ulong value = code;
        if (code <= MessagePackCode.PositiveFixIntMax)
        {
            _position++;
        }
        else if (IsNegative(code))
        {
            long signed = ReadSigned(long.MinValue, long.MaxValue);
            if (signed < 0)
            {
                ThrowRange(signed.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            value = (ulong)signed;
        }
        else
        {
            value = ReadPositive();
        }

        if (value > max)
        {
            ThrowRange(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return value;
    }

    private long ReadSigned(long min, long max)
    {
        byte code = Peek();
        long value;
        if (code is <= MessagePackCode.PositiveFixIntMax or >= MessagePackCode.NegativeFixIntMin)
        {
            _position++;
            value = (sbyte)code;
        }
        else if (IsNegative(code))
        {
            _position++;
            value = code switch
            {
                MessagePackCode.Int8 => (sbyte)Take(1)[0],
                MessagePackCode.Int16 => BinaryPrimitives.ReadInt16BigEndian(Take(2)),
                MessagePackCode.Int32 => BinaryPrimitives.ReadInt32BigEndian(Take(4)),
                _ => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            };
        }
        else
        {
            ulong positive = ReadPositive();
            if (positive > (ulong)max)
            {
                ThrowRange(positive.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            value = (long)positive;
        }

        if (value < min || value > max)
        {
            ThrowRange(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return value;
    }

    private ulong ReadPositive()
    {
        byte code = ReadCode();
        switch (code)
        {
            case MessagePackCode.UInt8:
                return Take(1)[0];
            case MessagePackCode.UInt16:
                return BinaryPrimitives.ReadUInt16BigEndian(Take(2));
            case MessagePackCode.UInt32:
                return BinaryPrimitives.ReadUInt32BigEndian(Take(4));
            case MessagePackCode.UInt64:
                return BinaryPrimitives.ReadUInt64BigEndian(Take(8));
            default:
                ThrowUnexpected(code, "an integer");
                return 0;
        }
    }

    /// <summary>A length of that many bytes, big endian; what passes the rest is refused here, so that it is an int.</summary>
    private int ReadLength(int bytes)
    {
        ReadOnlySpan<byte> span = Take(bytes);
        uint length = bytes switch
        {
            1 => span[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(span),
            _ => BinaryPrimitives.ReadUInt32BigEndian(span),
        };
        if (length > (uint)Remaining)
        {
            ThrowTruncated();
        }

        return (int)length;
    }

    private readonly byte Peek()
    {
        if ((uint)_position >= (uint)_bytes.Length)
        {
            ThrowTruncated();
        }

        return _bytes[_position];
    }

    private byte ReadCode()
    {
        byte code = Peek();
        _position++;
        return code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > Remaining)
        {
            ThrowTruncated();
        }

        ReadOnlySpan<byte> taken = _bytes.Slice(_position, bytes);
        _position += bytes;
        return taken;
    }
}
