using System.ComponentModel;
using Kameo.Actors.Payloads;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats payloads: they are used up by being sent, and arrive in place, aligned to 16 bytes. On a call within a node the memory passes to another object.</summary>
/// <typeparam name="T">The values.</typeparam>
/// <typeparam name="TLayout">Their layout.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct PayloadFormatter<T, TLayout> : IFormatter<Payload<T>>
    where T : unmanaged
    where TLayout : struct, IValueLayout
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Payload<T> value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            int valueBytes = ValueSize<T, TLayout>.Bytes;
            ICountedBytes? bytes = value.TakeForMessage(out int start);
            writer.Took(value);
            if (bytes is not null)
            {
                writer.WriteValues(bytes, start, value.Length * valueBytes, valueBytes);
            }
            else
            {
                writer.WriteValues(default, valueBytes);
            }
        }
    }

    /// <inheritdoc/>
    public static Payload<T> Decode(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null!;
        }

        ICountedBytes? bytes = reader.ReadValuesInPlace(ValueSize<T, TLayout>.Bytes, out int start, out int length);
        Payload<T> payload = Payload<T>.Of(bytes, start, length / ValueSize<T, TLayout>.Bytes);
        reader.Add(payload);
        return payload;
    }

    /// <inheritdoc/>
    public static Payload<T> Copy(Payload<T> value)
    {
        if (value is null)
        {
            return null!;
        }

        int count = value.Length;
        ICountedBytes? bytes = value.Take(out int start);
        if (!PayloadScope.HasCall)
        {
            return Payload<T>.OwnedBy(bytes, start, count);
        }

        Payload<T> payload = Payload<T>.Of(bytes, start, count);
        PayloadScope.Add(payload);
        return payload;
    }
}
