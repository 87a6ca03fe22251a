using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>What all formatters of dictionaries share: a map header, then keys and values. A key that comes twice is refused.</summary>
internal static class Pairs
{
    /// <summary>Writes the pairs, or nil.</summary>
    public static void Encode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref MessagePackWriter writer, IEnumerable<KeyValuePair<TKey, TValue>>? values, int count)
        where TKeyFormatter : struct, IFormatter<TKey>
        where TValueFormatter : struct, IFormatter<TValue>
    {
        if (values is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(count);
        writer.EnterNested();
        int written = 0;
        foreach ((TKey key, TValue value) in values)
        {
            TKeyFormatter.Encode(ref writer, key);
            TValueFormatter.Encode(ref writer, value);
            written++;
        }

        writer.LeaveNested();
        if (written != count)
        {
            throw new InvalidOperationException($"The dictionary changed while it was encoded: it had {count} entries, then {written}.");
        }
    }

    /// <summary>Reads the pairs; null for nil.</summary>
    public static Dictionary<TKey, TValue>? Decode<TKey, TKeyFormatter, TValue, TValueFormatter>(ref MessagePackReader reader)
        where TKey : notnull
        where TKeyFormatter : struct, IFormatter<TKey>
        where TValueFormatter : struct, IFormatter<TValue>
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        int count = reader.ReadMapHeader();
        var values = new Dictionary<TKey, TValue>(Math.Min(count, Sequence.CapacityAtStartMax));
        reader.EnterNested();
        for (; count > 0; count--)
        {
            TKey key = TKeyFormatter.Decode(ref reader);
            TValue value = TValueFormatter.Decode(ref reader);
            if (key is null || !values.TryAdd(key, value))
            {
                throw new MessagePackException("A dictionary has a key twice, or a null key.");
            }
        }

        reader.LeaveNested();
        return values;
    }

    /// <summary>Sorts pairs by their keys. Keys that are not equal may still be of one order, such as texts that differ in a soft hyphen.</summary>
    /// <exception cref="MessagePackException">Two are of one order, or have none.</exception>
    public static TSorted Sorted<TKey, TValue, TSorted>(Dictionary<TKey, TValue> values, Func<Dictionary<TKey, TValue>, TSorted> sort)
        where TKey : notnull
    {
        try
        {
            return sort(values);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new MessagePackException("A sorted dictionary has two keys of the same order, or keys without one.", exception);
        }
    }

    /// <summary>Copies of the pairs; null for null.</summary>
    public static Dictionary<TKey, TValue>? Copy<TKey, TKeyFormatter, TValue, TValueFormatter>(IEnumerable<KeyValuePair<TKey, TValue>>? values)
        where TKey : notnull
        where TKeyFormatter : struct, IFormatter<TKey>
        where TValueFormatter : struct, IFormatter<TValue>
    {
        if (values is null)
        {
            return null;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack(); // A value that contains itself fails here instead of ending the process.
        var copies = new Dictionary<TKey, TValue>();
        foreach ((TKey key, TValue value) in values)
        {
            copies.Add(TKeyFormatter.Copy(key), TValueFormatter.Copy(value));
        }

        return copies;
    }
}
