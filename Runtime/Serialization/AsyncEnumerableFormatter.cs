using System.ComponentModel;
using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>
/// Formats items that come one after the other, of any number: they travel beside the message as they are produced, and are produced only as they are consumed. The sender's object
/// is enumerated once, on the thread pool; the reader may enumerate once.
/// </summary>
/// <typeparam name="T">The items.</typeparam>
/// <typeparam name="TFormatter">Their formatter.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct AsyncEnumerableFormatter<T, TFormatter> : IFormatter<IAsyncEnumerable<T>>
    where TFormatter : struct, IFormatter<T>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, IAsyncEnumerable<T> value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.Write(writer.AddStream(new ItemWriter<T, TFormatter>(value)));
        }
    }

    /// <inheritdoc/>
    public static IAsyncEnumerable<T> Decode(ref MessagePackReader reader) => reader.TryReadNil() ? null! : new ItemReader<T, TFormatter>(reader.ReadStream());

    /// <inheritdoc/>
    public static IAsyncEnumerable<T> Copy(IAsyncEnumerable<T> value) => value is null ? null! : CopyEach(value);

    private static async IAsyncEnumerable<T> CopyEach(IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (T item in items.WithCancellation(cancellation))
        {
            yield return TFormatter.Copy(item);
        }
    }
}
