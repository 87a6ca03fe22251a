using System.ComponentModel;
using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats a value type that may be missing.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct NullableFormatter<T, TFormatter> : IFormatter<T?>
    where T : struct
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, T? value)
    {
        if (value is { } present)
        {
            TFormatter.Encode(ref writer, present);
        }
        else
        {
            writer.WriteNil();
        }
    }

    /// <inheritdoc/>
    public static T? Decode(ref MessagePackReader reader) => reader.TryReadNil() ? null : TFormatter.Decode(ref reader);

    /// <inheritdoc/>
    public static T? Copy(T? value) => value is { } present ? TFormatter.Copy(present) : null;
}

/// <summary>Formats a type that is immutable, or said to be: local calls share it.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ImmutableFormatter<T, TFormatter> : IFormatter<T>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, T value) => TFormatter.Encode(ref writer, value);

    /// <inheritdoc/>
    public static T Decode(ref MessagePackReader reader) => TFormatter.Decode(ref reader);

    /// <inheritdoc/>
    public static T Copy(T value) => value;
}

/// <summary>Formats an enumeration by its number.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct EnumFormatter<TEnum> : IFormatter<TEnum>
    where TEnum : struct, Enum
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, TEnum value)
    {
        switch (Unsafe.SizeOf<TEnum>())
        {
            case sizeof(byte):
                writer.Write(s_isSigned ? Unsafe.As<TEnum, sbyte>(ref value) : Unsafe.As<TEnum, byte>(ref value));
                break;
            case sizeof(short):
                writer.Write(s_isSigned ? Unsafe.As<TEnum, short>(ref value) : Unsafe.As<TEnum, ushort>(ref value));
                break;
            case sizeof(int):
                writer.Write(s_isSigned ? Unsafe.As<TEnum, int>(ref value) : Unsafe.As<TEnum, uint>(ref value));
                break;
            case sizeof(long) when s_isSigned:
                writer.Write(Unsafe.As<TEnum, long>(ref value));
                break;
            default:
                writer.Write(Unsafe.As<TEnum, ulong>(ref value));
                break;
        }
    }

    /// <inheritdoc/>
    public static TEnum Decode(ref MessagePackReader reader)
    {
        // In bounds: the integer read has the size of the enumeration.
        switch (Unsafe.SizeOf<TEnum>())
        {
            case sizeof(byte):
                byte one = s_isSigned ? (byte)reader.ReadSByte() : reader.ReadByte();
                return Unsafe.As<byte, TEnum>(ref one);
            case sizeof(short):
                ushort two = s_isSigned ? (ushort)reader.ReadInt16() : reader.ReadUInt16();
                return Unsafe.As<ushort, TEnum>(ref two);
            case sizeof(int):
                uint four = s_isSigned ? (uint)reader.ReadInt32() : reader.ReadUInt32();
                return Unsafe.As<uint, TEnum>(ref four);
            default:
                ulong eight = s_isSigned ? (ulong)reader.ReadInt64() : reader.ReadUInt64();
                return Unsafe.As<ulong, TEnum>(ref eight);
        }
    }

    /// <inheritdoc/>
    public static TEnum Copy(TEnum value) => value;

    private static readonly bool s_isSigned = Type.GetTypeCode(typeof(TEnum)) is TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64;
}
