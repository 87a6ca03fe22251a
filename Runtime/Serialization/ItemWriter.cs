using System.Buffers.Binary;
using Kameo.Actors.Errors;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Serialization;

/// <summary>Items as a stream of bytes: each its length (u32, little-endian) and its MessagePack. Items that are there already go out together; nothing waits for more.</summary>
/// <param name="items">Enumerated once.</param>
internal sealed class ItemWriter<T, TFormatter>(IAsyncEnumerable<T> items) : Stream
    where TFormatter : struct, IFormatter<T>
{
    /// <summary>Longest encoding of one item.</summary>
    public const int ItemBytesMax = 64 * 1024 * 1024;

    /// <summary>Bytes of items gathered before they are handed on.</summary>
    private const int BatchBytes = 16 * 1024;

    private readonly CancellationTokenSource _given = new();
    private readonly ScratchBuffer _batch = new(0, ItemBytesMax + BatchBytes);
    private IAsyncEnumerator<T>? _enumerator;
    private Task<bool>? _moving;
    private int _read;
    private bool _ended;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read == _batch.WrittenBytes)
        {
            _batch.Clear();
            _read = 0;
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }

        int bytes = Math.Min(buffer.Length, _batch.WrittenBytes - _read);
        _batch.WrittenSpan.Slice(_read, bytes).CopyTo(buffer.Span);
        _read += bytes;
        return bytes;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Ends the enumeration: its token fires, and it is disposed.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _given.CancelAsync().ConfigureAwait(false);
        if (_moving is { } moving)
        {
            _moving = null;
            await ((Task)moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_enumerator is { } enumerator)
        {
            _enumerator = null;
            try
            {
                await enumerator.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or IOException))
            {
                throw AsThrown(exception);
            }
        }

        _given.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask FillAsync(CancellationToken cancellation)
    {
        _enumerator ??= items.GetAsyncEnumerator(_given.Token);
        while (!_ended && _batch.WrittenBytes < BatchBytes)
        {
            _moving ??= _enumerator.MoveNextAsync().AsTask();
            if (!_moving.IsCompletedSuccessfully && _batch.WrittenBytes != 0)
            {
                return; // What is there goes out; the next read waits for more, or finds why there is none.
            }

            Task<bool> moving = _moving;
            bool moved;
            try
            {
                moved = await moving.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or IOException))
            {
                throw AsThrown(exception);
            }

            _moving = null;
            if (moved)
            {
                Append(_enumerator.Current);
            }
            else
            {
                _ended = true;
            }
        }
    }

    /// <summary>The exception with what it holds: the reader makes its own of it.</summary>
    private static StreamFaultException AsThrown(Exception exception) => new(exception is ActorFaultException fault ? fault.Fault : CalleeFault.Of(FaultCode.Exception, exception));

    private void Append(T item)
    {
        int start = _batch.WrittenBytes;
        _batch.ReserveSpan(sizeof(uint)).Clear();
        _batch.Advance(sizeof(uint));
        var writer = new MessagePackWriter(_batch);
        try
        {
            TFormatter.Encode(ref writer, item);
        }
        catch (Exception exception) when (exception is MessagePackException or PayloadTooLargeException)
        {
            throw new StreamFaultException(Fault.Of(FaultCode.BadResult, exception));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_batch.Overwrite(start, sizeof(uint)), (uint)(_batch.WrittenBytes - start - sizeof(uint)));
    }
}
