using System.Buffers;

namespace Kameo.Actors.Transport.Frames;

/// <summary>One pin of bytes that have holders: they stay as they are until the handle is disposed, whoever else lets go meanwhile.</summary>
internal sealed class BytesPin : IPinnable
{
    private readonly Action _release;
    private MemoryHandle _handle;
    private int _unpinned;

    private BytesPin(MemoryHandle handle, Action release)
    {
        _handle = handle;
        _release = release;
    }

    /// <summary>Pins bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="release">Runs once, when the handle is disposed.</param>
    public static unsafe MemoryHandle Pin(Memory<byte> bytes, Action release)
    {
        // Nothing is read or written through the pointer here: it is what the memory says, for as long as its own handle is kept.
        MemoryHandle handle = bytes.Pin();
        return new MemoryHandle(handle.Pointer, default, new BytesPin(handle, release));
    }

    /// <inheritdoc/>
    MemoryHandle IPinnable.Pin(int elementIndex) => throw new NotSupportedException("Pin the memory itself once more.");

    /// <inheritdoc/>
    void IPinnable.Unpin()
    {
        if (Interlocked.Exchange(ref _unpinned, 1) == 0)
        {
            _handle.Dispose();
            _release();
        }
    }
}
