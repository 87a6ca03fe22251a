using Kameo.Actors.Serialization;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Context;

/// <summary>One value of a request context on the wire: an array of its type's number, which never changes, and the value. So it arrives as the type it was.</summary>
internal static class RequestContextValue
{
    private const int Parts = 2;

    private enum Kind : byte
    {
        Text = 1,
        Boolean = 2,
        Char = 3,
        SByte = 4,
        Byte = 5,
        Int16 = 6,
        UInt16 = 7,
        Int32 = 8,
        UInt32 = 9,
        Int64 = 10,
        UInt64 = 11,
        Single = 12,
        Double = 13,
        Decimal = 14,
        Guid = 15,
        DateTime = 16,
        DateTimeOffset = 17,
        TimeSpan = 18,
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="ArgumentException">It is of no type that travels here.</exception>
    public static void Encode(ref MessagePackWriter writer, string key, object value)
    {
        switch (value)
        {
            case string text: Put<string, StringFormatter>(ref writer, Kind.Text, text); break;
            case bool truth: Put<bool, BooleanFormatter>(ref writer, Kind.Boolean, truth); break;
            case char letter: Put<char, CharFormatter>(ref writer, Kind.Char, letter); break;
            case sbyte number: Put<sbyte, SByteFormatter>(ref writer, Kind.SByte, number); break;
            case byte number: Put<byte, ByteFormatter>(ref writer, Kind.Byte, number); break;
            case short number: Put<short, Int16Formatter>(ref writer, Kind.Int16, number); break;
            case ushort number: Put<ushort, UInt16Formatter>(ref writer, Kind.UInt16, number); break;
            case int number: Put<int, Int32Formatter>(ref writer, Kind.Int32, number); break;
            case uint number: Put<uint, UInt32Formatter>(ref writer, Kind.UInt32, number); break;
            case long number: Put<long, Int64Formatter>(ref writer, Kind.Int64, number); break;
            case ulong number: Put<ulong, UInt64Formatter>(ref writer, Kind.UInt64, number); break;
            case float number: Put<float, SingleFormatter>(ref writer, Kind.Single, number); break;
            case double number: Put<double, DoubleFormatter>(ref writer, Kind.Double, number); break;
            case decimal number: Put<decimal, DecimalFormatter>(ref writer, Kind.Decimal, number); break;
            case Guid guid: Put<Guid, GuidFormatter>(ref writer, Kind.Guid, guid); break;
            case DateTime time: Put<DateTime, DateTimeFormatter>(ref writer, Kind.DateTime, time); break;
            case DateTimeOffset time: Put<DateTimeOffset, DateTimeOffsetFormatter>(ref writer, Kind.DateTimeOffset, time); break;
            case TimeSpan span: Put<TimeSpan, TimeSpanFormatter>(ref writer, Kind.TimeSpan, span); break;
            default:
                throw new ArgumentException($"The request context takes strings, numbers, Booleans, Guids and times; '{key}' is {value.GetType()}. Pass it as an argument.");
        }
    }

    /// <summary>Reads a value.</summary>
    /// <exception cref="MessagePackException">It is malformed, or of a type that this build does not know.</exception>
    public static object Decode(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != Parts)
        {
            throw new MessagePackException("A value of a request context is an array of its type and itself.");
        }

        return (Kind)reader.ReadByte() switch
        {
            Kind.Text => reader.ReadString() ?? throw new MessagePackException("A text of a request context is nil."),
            Kind.Boolean => BooleanFormatter.Decode(ref reader),
            Kind.Char => CharFormatter.Decode(ref reader),
            Kind.SByte => SByteFormatter.Decode(ref reader),
            Kind.Byte => ByteFormatter.Decode(ref reader),
            Kind.Int16 => Int16Formatter.Decode(ref reader),
            Kind.UInt16 => UInt16Formatter.Decode(ref reader),
            Kind.Int32 => Int32Formatter.Decode(ref reader),
            Kind.UInt32 => UInt32Formatter.Decode(ref reader),
            Kind.Int64 => Int64Formatter.Decode(ref reader),
            Kind.UInt64 => UInt64Formatter.Decode(ref reader),
            Kind.Single => SingleFormatter.Decode(ref reader),
            Kind.Double => DoubleFormatter.Decode(ref reader),
            Kind.Decimal => DecimalFormatter.Decode(ref reader),
            Kind.Guid => GuidFormatter.Decode(ref reader),
            Kind.DateTime => DateTimeFormatter.Decode(ref reader),
            Kind.DateTimeOffset => DateTimeOffsetFormatter.Decode(ref reader),
            Kind.TimeSpan => TimeSpanFormatter.Decode(ref reader),
            var kind => throw new MessagePackException($"A value of a request context has the type {(byte)kind}, which is not known here."),
        };
    }

    private static void Put<T, TFormatter>(ref MessagePackWriter writer, Kind kind, T value)
        where TFormatter : IFormatter<T>
    {
        writer.WriteArrayHeader(Parts);
        writer.Write((byte)kind);
        TFormatter.Encode(ref writer, value);
    }
}
