using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats a pair of key and value: an array of two.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct KeyValuePairFormatter<TKey, TKeyFormatter, TValue, TValueFormatter> : IFormatter<KeyValuePair<TKey, TValue>>
    where TKeyFormatter : struct, IFormatter<TKey>
    where TValueFormatter : struct, IFormatter<TValue>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, KeyValuePair<TKey, TValue> value) =>
        ValueTupleFormatter<TKey, TKeyFormatter, TValue, TValueFormatter>.Encode(ref writer, (value.Key, value.Value));

    /// <inheritdoc/>
    public static KeyValuePair<TKey, TValue> Decode(ref MessagePackReader reader)
    {
        (TKey key, TValue value) = ValueTupleFormatter<TKey, TKeyFormatter, TValue, TValueFormatter>.Decode(ref reader);
        return new(key, value);
    }

    /// <inheritdoc/>
    public static KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> value) => new(TKeyFormatter.Copy(value.Key), TValueFormatter.Copy(value.Value));
}
