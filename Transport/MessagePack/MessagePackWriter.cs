using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Kameo.Actors.Transport.MessagePack;

/// <summary>
/// Writes MessagePack: every value in its shortest form. A window on a scratch buffer, passed by reference; what is written counts at once.
/// </summary>
/// <remarks>Source: the MessagePack specification, "Formats"; the timestamp extension for points in time. Not thread safe.</remarks>
public ref partial struct MessagePackWriter
{
    /// <summary>How deep arrays and maps may lie in each other, for writers and readers.</summary>
    public const int DepthMax = 64;

    private readonly ScratchBuffer _scratch;
    private int _depth;

    internal MessagePackWriter(ScratchBuffer scratch) => _scratch = scratch;

    /// <summary>Adds a stream to the message that is being written.</summary>
    /// <returns>The number to write for it.</returns>
    internal readonly int AddStream(Stream stream) => _scratch.AddStream(stream);

    /// <summary>Writes nil.</summary>
    public readonly void WriteNil() => WriteByte(MessagePackCode.Nil);

    /// <summary>Writes a boolean.</summary>
    public readonly void Write(bool value) => WriteByte(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(byte value) => Write((ulong)value);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(sbyte value) => Write((long)value);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(short value) => Write((long)value);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(ushort value) => Write((ulong)value);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(int value) => Write((long)value);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(uint value) => Write((ulong)value);

    /// <summary>Writes an integer.</summary>
    public readonly void Write(long value)
    {
        if (value >= 0)
        {
            Write((ulong)value);
        }
        else
        {
            WriteNegative(value);
        }
    }

    /// <summary>Writes an integer.</summary>
    public readonly void Write(ulong value)
    {
        // The longest form is reserved, the shortest counted.
        ref byte to = ref _scratch.Reserve(9);
        if (value <= MessagePackCode.PositiveFixIntMax)
        {
            to = (byte)value;
            _scratch.Advance(1);
        }
        else if (value <= byte.MaxValue)
        {
            to = MessagePackCode.UInt8;
            Unsafe.Add(ref to, 1) = (byte)value;
            _scratch.Advance(2);
        }
        else if (value <= ushort.MaxValue)
        {
            to = MessagePackCode.UInt16;
            Put(ref to, (ushort)value);
            _scratch.Advance(3);
        }
        else if (value <= uint.MaxValue)
        {
            to = MessagePackCode.UInt32;
            Put(ref to, (uint)value);
            _scratch.Advance(5);
        }
        else
        {
            to = MessagePackCode.UInt64;
            Put(ref to, value);
            _scratch.Advance(9);
        }
    }

    /// <summary>Writes a number of 32 bits, bit for bit.</summary>
    public readonly void Write(float value)
    {
        ref byte to = ref _scratch.Reserve(5);
        to = MessagePackCode.Float32;
        Put(ref to, BitConverter.SingleToUInt32Bits(value));
        _scratch.Advance(5);
    }

    /// <summary>Writes a number of 64 bits, bit for bit.</summary>
    public readonly void Write(double value)
    {
        ref byte to = ref _scratch.Reserve(9);
        to = MessagePackCode.Float64;
        Put(ref to, BitConverter.DoubleToUInt64Bits(value));
        _scratch.Advance(9);
    }

    /// <summary>Writes a string as UTF-8, or nil. A lone surrogate is written as U+FFFD.</summary>
    public readonly void WriteString(string? value)
    {
        if (value is null)
        {
            WriteNil();
        }
        else
        {
            WriteString(value.AsSpan());
        }
    }

    /// <summary>Writes a string as UTF-8.</summary>
    public readonly void WriteString(scoped ReadOnlySpan<char> value)
    {
        // A UTF-16 unit takes at most three bytes of UTF-8. The text is encoded behind the header it has if it is ASCII, and moved in the rare case that its header is longer.
        int bytesMax = checked(value.Length * 3);
        Span<byte> room = _scratch.ReserveSpan(bytesMax + 5);
        int guess = StringHeaderBytes(value.Length);
        int bytes = Encoding.UTF8.GetBytes(value, room[guess..]);
        int header = StringHeaderBytes(bytes);
        if (header != guess)
        {
            room.Slice(guess, bytes).CopyTo(room[header..]);
        }

        PutStringHeader(room, bytes);
        _scratch.Advance(header + bytes);
    }

    /// <summary>Writes a string that is UTF-8 already.</summary>
    public readonly void WriteUtf8(scoped ReadOnlySpan<byte> utf8)
    {
        int header = StringHeaderBytes(utf8.Length);
        Span<byte> room = _scratch.ReserveSpan(header + utf8.Length);
        PutStringHeader(room, utf8.Length);
        utf8.CopyTo(room[header..]);
        _scratch.Advance(header + utf8.Length);
    }

    /// <summary>Writes bytes.</summary>
    public readonly void WriteBinary(scoped ReadOnlySpan<byte> value)
    {
        WriteHeader(value.Length, MessagePackCode.Binary8, MessagePackCode.Binary16, MessagePackCode.Binary32);
        if (value.Length > _scratch.AttachedAboveBytes)
        {
            _scratch.AttachCopy(value);
        }
        else
        {
            WriteRaw(value);
        }
    }

    /// <summary>Writes the header of an array; its elements must follow.</summary>
    public readonly void WriteArrayHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count <= 15)
        {
            WriteByte((byte)(MessagePackCode.FixArray | count));
        }
        else
        {
            WriteHeader(count, 0, MessagePackCode.Array16, MessagePackCode.Array32);
        }
    }

    /// <summary>Writes the header of a map; that many pairs of key and value must follow.</summary>
    public readonly void WriteMapHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count <= 15)
        {
            WriteByte((byte)(MessagePackCode.FixMap | count));
        }
        else
        {
            WriteHeader(count, 0, MessagePackCode.Map16, MessagePackCode.Map32);
        }
    }

    /// <summary>Writes the header of an extension; that many bytes must follow through <see cref="WriteRaw"/>.</summary>
    public readonly void WriteExtensionHeader(sbyte type, int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        byte fix = bytes switch
        {
            1 => MessagePackCode.FixExtension1,
            2 => MessagePackCode.FixExtension2,
            4 => MessagePackCode.FixExtension4,
            8 => MessagePackCode.FixExtension8,
            16 => MessagePackCode.FixExtension16,
            _ => 0,
        };
        if (fix != 0)
        {
            WriteByte(fix);
        }
        else
        {
            WriteHeader(bytes, MessagePackCode.Extension8, MessagePackCode.Extension16, MessagePackCode.Extension32);
        }

        WriteByte((byte)type);
    }

    /// <summary>Writes a point in time as the timestamp extension, in its shortest form.</summary>
    /// <param name="seconds">Seconds since 1970-01-01 UTC, negative before.</param>
    /// <param name="nanoseconds">0 to 999,999,999, added.</param>
    public readonly void WriteTimestamp(long seconds, uint nanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nanoseconds, 999_999_999u);
        Span<byte> value = stackalloc byte[12];
        if ((ulong)seconds >> 34 != 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value, nanoseconds);
            BinaryPrimitives.WriteInt64BigEndian(value[4..], seconds);
        }
        else if (nanoseconds != 0 || seconds > uint.MaxValue)
        {
            BinaryPrimitives.WriteUInt64BigEndian(value, ((ulong)nanoseconds << 34) | (ulong)seconds);
            value = value[..8];
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(value, (uint)seconds);
            value = value[..4];
        }

        WriteExtensionHeader(MessagePackCode.Timestamp, value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes bytes that are encoded already.</summary>
    public readonly void WriteRaw(scoped ReadOnlySpan<byte> encoded)
    {
        encoded.CopyTo(_scratch.ReserveSpan(encoded.Length));
        _scratch.Advance(encoded.Length);
    }

    /// <summary>Before the elements of a nested value: refuses what is nested too deep, such as a cycle of objects.</summary>
    /// <exception cref="MessagePackException">It is deeper than <see cref="DepthMax"/>.</exception>
    public void EnterNested()
    {
        if (++_depth > DepthMax)
        {
            ThrowTooDeep();
        }
    }

    /// <summary>After the elements of a nested value.</summary>
    public void LeaveNested() => _depth--;

    private static int StringHeaderBytes(int bytes) => bytes <= 31 ? 1 : bytes <= byte.MaxValue ? 2 : bytes <= ushort.MaxValue ? 3 : 5;

    private static void PutStringHeader(Span<byte> room, int bytes)
    {
        switch (StringHeaderBytes(bytes))
        {
            case 1:
                room[0] = (byte)(MessagePackCode.FixString | bytes);
                break;
            case 2:
                room[0] = MessagePackCode.String8;
                room[1] = (byte)bytes;
                break;
            case 3:
                room[0] = MessagePackCode.String16;
                BinaryPrimitives.WriteUInt16BigEndian(room[1..], (ushort)bytes);
                break;
            default:
                room[0] = MessagePackCode.String32;
                BinaryPrimitives.WriteUInt32BigEndian(room[1..], (uint)bytes);
                break;
        }
    }

    // In bounds: each caller has reserved the code and the value.
    private static void Put<T>(ref byte code, T value)
        where T : unmanaged
    {
        if (BitConverter.IsLittleEndian)
        {
            value = typeof(T) == typeof(ushort) ? (T)(object)BinaryPrimitives.ReverseEndianness((ushort)(object)value)
                : typeof(T) == typeof(uint) ? (T)(object)BinaryPrimitives.ReverseEndianness((uint)(object)value)
                : (T)(object)BinaryPrimitives.ReverseEndianness((ulong)(object)value);
        }

        Unsafe.WriteUnaligned(ref Unsafe.Add(ref code, 1), value);
    }

    [DoesNotReturn]
    private static void ThrowTooDeep() => throw new MessagePackException($"The value is nested deeper than {DepthMax} levels; it may contain itself.");

    private readonly void WriteNegative(long value)
    {
        ref byte to = ref _scratch.Reserve(9);
        if (value >= -32)
        {
            to = (byte)value;
            _scratch.Advance(1);
        }
        else if (value >= sbyte.MinValue)
        {
            to = MessagePackCode.Int8;
            Unsafe.Add(ref to, 1) = (byte)value;
            _scratch.Advance(2);
        }
        else if (value >= short.MinValue)
        {
            to = MessagePackCode.Int16;
            Put(ref to, (ushort)value);
            _scratch.Advance(3);
        }
        else if (value >= int.MinValue)
        {
            to = MessagePackCode.Int32;
            Put(ref to, (uint)value);
            _scratch.Advance(5);
        }
        else
        {
            to = MessagePackCode.Int64;
            Put(ref to, (ulong)value);
            _scratch.Advance(9);
        }
    }

    /// <summary>Writes a length behind the code of its size; <paramref name="code8"/> 0 where the format has no form of 8 bits.</summary>
    private readonly void WriteHeader(int length, byte code8, byte code16, byte code32)
    {
        ref byte to = ref _scratch.Reserve(5);
        if (length <= byte.MaxValue && code8 != 0)
        {
            to = code8;
            Unsafe.Add(ref to, 1) = (byte)length;
            _scratch.Advance(2);
        }
        else if (length <= ushort.MaxValue)
        {
            to = code16;
            Put(ref to, (ushort)length);
            _scratch.Advance(3);
        }
        else
        {
            to = code32;
            Put(ref to, (uint)length);
            _scratch.Advance(5);
        }
    }

    private readonly void WriteByte(byte value)
    {
        _scratch.Reserve(1) = value;
        _scratch.Advance(1);
    }
}
