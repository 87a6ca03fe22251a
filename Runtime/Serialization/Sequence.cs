using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>What all formatters of sequences share: an array header, then the elements.</summary>
internal static class Sequence
{
    /// <summary>Room made before elements are read: a count is bounded by the bytes left, but an element in memory may be far larger than its byte.</summary>
    public const int CapacityAtStartMax = 1024;

    /// <summary>Writes the elements, or nil.</summary>
    public static void Encode<T, TFormatter>(ref MessagePackWriter writer, IEnumerable<T>? values, int count)
        where TFormatter : struct, IFormatter<T>
    {
        if (values is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(count);
        writer.EnterNested();
        int written = 0;
        foreach (T value in values)
        {
            TFormatter.Encode(ref writer, value);
            written++;
        }

        writer.LeaveNested();
        if (written != count)
        {
            throw new InvalidOperationException($"The collection changed while it was encoded: it had {count} elements, then {written}.");
        }
    }

    /// <summary>Writes the elements of a span.</summary>
    public static void Encode<T, TFormatter>(ref MessagePackWriter writer, ReadOnlySpan<T> values)
        where TFormatter : struct, IFormatter<T>
    {
        writer.WriteArrayHeader(values.Length);
        writer.EnterNested();
        foreach (T value in values)
        {
            TFormatter.Encode(ref writer, value);
        }

        writer.LeaveNested();
    }

    /// <summary>Reads the elements; null for nil.</summary>
    public static List<T>? Decode<T, TFormatter>(ref MessagePackReader reader)
        where TFormatter : struct, IFormatter<T>
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        int count = reader.ReadArrayHeader();
        var values = new List<T>(Math.Min(count, CapacityAtStartMax));
        reader.EnterNested();
        for (; count > 0; count--)
        {
            values.Add(TFormatter.Decode(ref reader));
        }

        reader.LeaveNested();
        return values;
    }

    /// <summary>Reads the elements into an array; null for nil.</summary>
    public static T[]? DecodeArray<T, TFormatter>(ref MessagePackReader reader)
        where TFormatter : struct, IFormatter<T>
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        int count = reader.ReadArrayHeader();
        if (count == 0)
        {
            return [];
        }

        var values = new T[Math.Min(count, CapacityAtStartMax)];
        reader.EnterNested();
        for (int index = 0; index < count; index++)
        {
            if (index == values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(count, values.Length * 2L));
            }

            values[index] = TFormatter.Decode(ref reader);
        }

        reader.LeaveNested();
        return values;
    }

    /// <summary>Sorts elements into a set. Elements that are not equal may still be of one order; one of them would be lost.</summary>
    /// <exception cref="MessagePackException">Two are of one order, or have none.</exception>
    public static TSorted Sorted<T, TSorted>(List<T> values, Func<List<T>, TSorted> sort)
        where TSorted : IReadOnlyCollection<T>
    {
        TSorted sorted;
        try
        {
            sorted = sort(values);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new MessagePackException("The elements of a sorted set have no order.", exception);
        }

        return sorted.Count == values.Count ? sorted : throw new MessagePackException("A sorted set has two elements of the same order.");
    }

    /// <summary>Copies of the elements; null for null.</summary>
    public static List<T>? Copy<T, TFormatter>(IEnumerable<T>? values, int count)
        where TFormatter : struct, IFormatter<T>
    {
        if (values is null)
        {
            return null;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack(); // A value that contains itself fails here instead of ending the process.
        var copies = new List<T>(count);
        foreach (T value in values)
        {
            copies.Add(TFormatter.Copy(value));
        }

        return copies;
    }
}
