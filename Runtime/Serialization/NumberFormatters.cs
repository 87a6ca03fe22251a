using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="bool"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct BooleanFormatter : IFormatter<bool>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, bool value) => writer.Write(value);

    /// <inheritdoc/>
    public static bool Decode(ref MessagePackReader reader) => reader.ReadBoolean();

    /// <inheritdoc/>
    public static bool Copy(bool value) => value;
}

/// <summary>Formats <see cref="byte"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ByteFormatter : IFormatter<byte>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, byte value) => writer.Write(value);

    /// <inheritdoc/>
    public static byte Decode(ref MessagePackReader reader) => reader.ReadByte();

    /// <inheritdoc/>
    public static byte Copy(byte value) => value;
}

/// <summary>Formats <see cref="sbyte"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SByteFormatter : IFormatter<sbyte>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, sbyte value) => writer.Write(value);

    /// <inheritdoc/>
    public static sbyte Decode(ref MessagePackReader reader) => reader.ReadSByte();

    /// <inheritdoc/>
    public static sbyte Copy(sbyte value) => value;
}

/// <summary>Formats <see cref="short"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int16Formatter : IFormatter<short>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, short value) => writer.Write(value);

    /// <inheritdoc/>
    public static short Decode(ref MessagePackReader reader) => reader.ReadInt16();

    /// <inheritdoc/>
    public static short Copy(short value) => value;
}

/// <summary>Formats <see cref="ushort"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UInt16Formatter : IFormatter<ushort>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ushort value) => writer.Write(value);

    /// <inheritdoc/>
    public static ushort Decode(ref MessagePackReader reader) => reader.ReadUInt16();

    /// <inheritdoc/>
    public static ushort Copy(ushort value) => value;
}

/// <summary>Formats <see cref="int"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int32Formatter : IFormatter<int>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, int value) => writer.Write(value);

    /// <inheritdoc/>
    public static int Decode(ref MessagePackReader reader) => reader.ReadInt32();

    /// <inheritdoc/>
    public static int Copy(int value) => value;
}

/// <summary>Formats <see cref="uint"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UInt32Formatter : IFormatter<uint>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, uint value) => writer.Write(value);

    /// <inheritdoc/>
    public static uint Decode(ref MessagePackReader reader) => reader.ReadUInt32();

    /// <inheritdoc/>
    public static uint Copy(uint value) => value;
}

/// <summary>Formats <see cref="long"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct Int64Formatter : IFormatter<long>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, long value) => writer.Write(value);

    /// <inheritdoc/>
    public static long Decode(ref MessagePackReader reader) => reader.ReadInt64();

    /// <inheritdoc/>
    public static long Copy(long value) => value;
}

/// <summary>Formats <see cref="ulong"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UInt64Formatter : IFormatter<ulong>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ulong value) => writer.Write(value);

    /// <inheritdoc/>
    public static ulong Decode(ref MessagePackReader reader) => reader.ReadUInt64();

    /// <inheritdoc/>
    public static ulong Copy(ulong value) => value;
}

/// <summary>Formats <see cref="float"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct SingleFormatter : IFormatter<float>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, float value) => writer.Write(value);

    /// <inheritdoc/>
    public static float Decode(ref MessagePackReader reader) => reader.ReadSingle();

    /// <inheritdoc/>
    public static float Copy(float value) => value;
}

/// <summary>Formats <see cref="double"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DoubleFormatter : IFormatter<double>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, double value) => writer.Write(value);

    /// <inheritdoc/>
    public static double Decode(ref MessagePackReader reader) => reader.ReadDouble();

    /// <inheritdoc/>
    public static double Copy(double value) => value;
}

/// <summary>Formats <see cref="char"/> as its UTF-16 unit.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct CharFormatter : IFormatter<char>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, char value) => writer.Write((ushort)value);

    /// <inheritdoc/>
    public static char Decode(ref MessagePackReader reader) => (char)reader.ReadUInt16();

    /// <inheritdoc/>
    public static char Copy(char value) => value;
}

/// <summary>Formats <see cref="Half"/> as a number of 32 bits, which holds every one of them.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct HalfFormatter : IFormatter<Half>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Half value) => writer.Write((float)value);

    /// <inheritdoc/>
    public static Half Decode(ref MessagePackReader reader) => (Half)reader.ReadSingle();

    /// <inheritdoc/>
    public static Half Copy(Half value) => value;
}
