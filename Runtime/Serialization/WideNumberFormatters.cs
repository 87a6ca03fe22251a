using System.ComponentModel;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="Int128"/> as 16 bytes, big endian.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int128Formatter : IFormatter<Int128>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Int128 value) => UInt128Formatter.Encode(ref writer, (UInt128)value);

    /// <inheritdoc/>
    public static Int128 Decode(ref MessagePackReader reader) => (Int128)UInt128Formatter.Decode(ref reader);

    /// <inheritdoc/>
    public static Int128 Copy(Int128 value) => value;
}

/// <summary>Formats <see cref="UInt128"/> as 16 bytes, big endian.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UInt128Formatter : IFormatter<UInt128>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        writer.WriteBinary(bytes);
    }

    /// <inheritdoc/>
    public static UInt128 Decode(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBinary();
        return bytes.Length == Bytes ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : throw new MessagePackException($"An integer of 128 bits has {Bytes} bytes, not {bytes.Length}.");
    }

    /// <inheritdoc/>
    public static UInt128 Copy(UInt128 value) => value;

    private const int Bytes = 16;
}

/// <summary>Formats <see cref="decimal"/> as text, in which no digit is lost.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DecimalFormatter : IFormatter<decimal>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, decimal value)
    {
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        writer.WriteString(text[..length]);
    }

    /// <inheritdoc/>
    public static decimal Decode(ref MessagePackReader reader)
    {
        return reader.ReadUtf8Span(out ReadOnlySpan<byte> text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value)
            ? value
            : throw new MessagePackException("The text is no decimal.");
    }

    /// <inheritdoc/>
    public static decimal Copy(decimal value) => value;
}

/// <summary>Formats <see cref="BigInteger"/> as its bytes in two's complement, little endian; at most 4,096 of them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct BigIntegerFormatter : IFormatter<BigInteger>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, BigInteger value)
    {
        byte[] bytes = value.ToByteArray();
        if (bytes.Length > BytesMax)
        {
            throw new MessagePackException($"An integer of {bytes.Length} bytes does not travel; at most {BytesMax} do.");
        }

        writer.WriteBinary(bytes);
    }

    /// <inheritdoc/>
    public static BigInteger Decode(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBinary();
        return bytes.Length <= BytesMax ? new BigInteger(bytes) : throw new MessagePackException($"An integer of {bytes.Length} bytes is refused; at most {BytesMax} are read.");
    }

    /// <inheritdoc/>
    public static BigInteger Copy(BigInteger value) => value;

    private const int BytesMax = 4096;
}
