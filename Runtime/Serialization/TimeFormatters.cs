using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="DateTime"/> as a timestamp: it arrives as the same moment in UTC. An unspecified kind counts as UTC.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DateTimeFormatter : IFormatter<DateTime>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, DateTime value)
    {
        DateTime utc = value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value;
        long ticks = utc.Ticks - DateTime.UnixEpoch.Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        writer.WriteTimestamp(seconds, (uint)(rest * TimeSpan.NanosecondsPerTick));
    }

    /// <inheritdoc/>
    public static DateTime Decode(ref MessagePackReader reader)
    {
        long seconds = reader.ReadTimestamp(out uint nanoseconds);
        if (seconds < -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerSecond || seconds > (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond)
        {
            throw new MessagePackException("The moment is outside of the years 1 to 9999.");
        }

        return DateTime.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    /// <inheritdoc/>
    public static DateTime Copy(DateTime value) => value;
}

/// <summary>Formats <see cref="DateTimeOffset"/> as a timestamp and the offset in minutes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DateTimeOffsetFormatter : IFormatter<DateTimeOffset>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, DateTimeOffset value)
    {
        writer.WriteArrayHeader(2);
        DateTimeFormatter.Encode(ref writer, value.UtcDateTime);
        writer.Write((short)value.TotalOffsetMinutes);
    }

    /// <inheritdoc/>
    public static DateTimeOffset Decode(ref MessagePackReader reader)
    {
        if (reader.ReadArrayHeader() != 2)
        {
            throw new MessagePackException("A moment with an offset is a pair.");
        }

        DateTime utc = DateTimeFormatter.Decode(ref reader);
        var offset = TimeSpan.FromMinutes(reader.ReadInt16());
        try
        {
            return new DateTimeOffset(utc).ToOffset(offset);
        }
        catch (ArgumentException exception)
        {
            throw new MessagePackException("The offset is out of range.", exception);
        }
    }

    /// <inheritdoc/>
    public static DateTimeOffset Copy(DateTimeOffset value) => value;
}

/// <summary>Formats <see cref="TimeSpan"/> as ticks of 100 ns.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct TimeSpanFormatter : IFormatter<TimeSpan>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, TimeSpan value) => writer.Write(value.Ticks);

    /// <inheritdoc/>
    public static TimeSpan Decode(ref MessagePackReader reader) => new(reader.ReadInt64());

    /// <inheritdoc/>
    public static TimeSpan Copy(TimeSpan value) => value;
}

/// <summary>Formats <see cref="DateOnly"/> as the number of its day.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct DateOnlyFormatter : IFormatter<DateOnly>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, DateOnly value) => writer.Write(value.DayNumber);

    /// <inheritdoc/>
    public static DateOnly Decode(ref MessagePackReader reader)
    {
        int day = reader.ReadInt32();
        return day >= 0 && day <= DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber(day) : throw new MessagePackException("The day is out of range.");
    }

    /// <inheritdoc/>
    public static DateOnly Copy(DateOnly value) => value;
}

/// <summary>Formats <see cref="TimeOnly"/> as ticks of 100 ns since midnight.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct TimeOnlyFormatter : IFormatter<TimeOnly>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, TimeOnly value) => writer.Write(value.Ticks);

    /// <inheritdoc/>
    public static TimeOnly Decode(ref MessagePackReader reader)
    {
        long ticks = reader.ReadInt64();
        return ticks >= 0 && ticks <= TimeOnly.MaxValue.Ticks ? new TimeOnly(ticks) : throw new MessagePackException("The time of day is out of range.");
    }

    /// <inheritdoc/>
    public static TimeOnly Copy(TimeOnly value) => value;
}
