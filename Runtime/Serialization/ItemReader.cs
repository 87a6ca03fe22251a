using System.Buffers;
using System.Buffers.Binary;
using Kameo.Actors.Items;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>The other end of an <see cref="ItemWriter{T, TFormatter}"/>. Enumerated once; ending early tells the sender to stop.</summary>
/// <param name="stream">Where the items come from.</param>
internal sealed class ItemReader<T, TFormatter>(Stream stream) : IAsyncEnumerable<T>
    where TFormatter : struct, IFormatter<T>
{
    private const int BytesAtStart = 16 * 1024;

    /// <summary>The node it came to: items may hold references.</summary>
    private readonly ActorNode? _node = NodeScope.CurrentOrNull;

    /// <summary>Whose they are; null for those that a caller sends.</summary>
    private readonly ItemsOrigin? _origin = ItemsOriginScope.CurrentOrNull;

    private int _begun;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It was enumerated before.</exception>
    /// <remarks>What the actor failed with is thrown as a call of it would throw it. An <see cref="IOException"/>: the connection ended, or a caller's items failed.</remarks>
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _begun, 1) == 0
            ? ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken)
            : throw new InvalidOperationException("Items that come over the network are enumerated once.");

    private async IAsyncEnumerable<T> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BytesAtStart);
        try
        {
            int start = 0;
            int end = 0;
            while (true)
            {
                while (TryRead(buffer.AsSpan(start, end - start), out int bytes, out T item))
                {
                    start += bytes;
                    yield return item;
                }

                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                if (end == buffer.Length)
                {
                    // Grows as bytes arrive, never on a length's word.
                    byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, end).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                int read;
                try
                {
                    read = await stream.ReadAsync(buffer.AsMemory(end), cancellation).ConfigureAwait(true);
                }
                catch (IOException broken) when (_origin?.TryMakeFailure(broken) is { } failure)
                {
                    throw failure;
                }

                if (read == 0)
                {
                    if (end != 0)
                    {
                        throw new MessagePackException("The items end in the middle of one.");
                    }

                    yield break;
                }

                end += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await stream.DisposeAsync().ConfigureAwait(true);
        }
    }

    private bool TryRead(ReadOnlySpan<byte> bytes, out int used, out T item)
    {
        used = 0;
        item = default!;
        if (bytes.Length < sizeof(uint))
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > ItemWriter<T, TFormatter>.ItemBytesMax)
        {
            throw new MessagePackException($"An item of {length} bytes; at most {ItemWriter<T, TFormatter>.ItemBytesMax} are taken.");
        }

        if (bytes.Length - sizeof(uint) < length)
        {
            return false;
        }

        using var scope = new NodeScope(_node);
        var reader = new MessagePackReader(bytes.Slice(sizeof(uint), (int)length));
        item = TFormatter.Decode(ref reader);
        used = sizeof(uint) + (int)length;
        return true;
    }
}
