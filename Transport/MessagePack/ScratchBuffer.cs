using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.MessagePack;

/// <summary>
/// Where one message is encoded before its exact size is claimed in a ring (hop 2): user code may run and fail here without harm to what is sent. Rented per thread, so one thread's at a time.
/// </summary>
/// <remarks>A formatter may itself call an actor while it encodes; the second rent on a thread gets a buffer of its own.</remarks>
internal sealed class ScratchBuffer
{
    /// <summary>How large a rented buffer may grow: far above a frame, so that the message of what is too large can name its size.</summary>
    public const int DefaultBytesMax = 64 * 1024 * 1024;

    private const int BytesAtStart = 4096;

    /// <summary>A buffer that grew beyond this is not kept.</summary>
    private const int BytesKeptMax = 256 * 1024;

    [ThreadStatic]
    private static ScratchBuffer? t_kept;

    private readonly int _headroom;
    private readonly int _bytesMax;
    private byte[] _bytes;
    private int _end;
    private List<ITakenValues>? _taken;

    /// <summary>Makes a buffer of its own, not rented.</summary>
    /// <param name="headroom">Bytes left free in front.</param>
    /// <param name="bytesMax">How many bytes may be written.</param>
    public ScratchBuffer(int headroom, int bytesMax)
    {
        _headroom = headroom;
        _bytesMax = bytesMax;
        _bytes = new byte[headroom + Math.Min(BytesAtStart, bytesMax)];
        _end = headroom;
    }

    /// <summary>Where the message that is being encoded goes, if it may name streams and have parts attached.</summary>
    public Connection? Connection { get; private set; }

    /// <summary>Parts above this size are attached rather than written: with one the message does not fit a frame in any case.</summary>
    public int AttachedAboveBytes { get; private set; } = int.MaxValue;

    /// <summary>The parts that are attached; null for none.</summary>
    public AttachedBytes? Attached { get; private set; }

    /// <summary>How long the message is, with what is attached.</summary>
    public long MessageBytes => WrittenBytes + (Attached?.TotalBytes ?? 0);

    /// <summary>The streams that it names; null for none.</summary>
    public MessageStreams? Streams { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(_headroom, _end - _headroom);

    /// <summary>How many bytes were written.</summary>
    public int WrittenBytes => _end - _headroom;

    /// <summary>Takes this thread's buffer, empty.</summary>
    public static ScratchBuffer Rent()
    {
        ScratchBuffer? kept = t_kept;
        if (kept is null)
        {
            return new ScratchBuffer(0, DefaultBytesMax);
        }

        t_kept = null;
        kept.Clear();
        return kept;
    }

    /// <summary>Gives a rented buffer back. What its <see cref="WrittenSpan"/> showed is gone.</summary>
    public static void Return(ScratchBuffer buffer)
    {
        buffer.Connection = null;
        buffer.AttachedAboveBytes = int.MaxValue;
        if (buffer.Attached is { } attached)
        {
            buffer.Attached = null;
            attached.Abandon();
        }

        if (buffer.Streams is { } streams)
        {
            buffer.Streams = null;
            streams.Abandon();
        }

        buffer.EndTakes(isGivenBack: false);
        if (buffer._bytes.Length <= BytesKeptMax)
        {
            t_kept = buffer;
        }
    }

    /// <summary>Values were taken for the message: if it goes to another node, they can be given back until the buffer is returned.</summary>
    public void Took(ITakenValues values)
    {
        if (Connection is null)
        {
            values.EndTake(isGivenBack: false);
        }
        else
        {
            (_taken ??= []).Add(values);
        }
    }

    /// <summary>The message is not sent after all, and another one is to be made of the same arguments: streams and values that it took are as before.</summary>
    public void GiveBack()
    {
        Streams = null; // Nobody has begun to read them.
        EndTakes(isGivenBack: true);
    }

    /// <summary>The message goes to another node.</summary>
    /// <param name="connection">The way there.</param>
    /// <param name="frameBytesMax">The longest message of its kind that travels in one frame.</param>
    public void SendTo(Connection? connection, int frameBytesMax)
    {
        Connection = connection;
        AttachedAboveBytes = frameBytesMax;
    }

    /// <summary>Attaches a part where the next byte would be written, and takes over a reference to it.</summary>
    /// <exception cref="PayloadTooLargeException">The message would pass the limit; the reference was released.</exception>
    public void Attach(ReadOnlyMemory<byte> bytes, ICountedBytes holder)
    {
        if (MessageBytes + bytes.Length > _bytesMax)
        {
            holder.Release();
            ThrowTooLarge(MessageBytes + bytes.Length);
        }

        (Attached ??= new AttachedBytes()).Add(WrittenBytes, bytes, holder);
    }

    /// <summary>Attaches a copy of a part.</summary>
    public void AttachCopy(ReadOnlySpan<byte> bytes)
    {
        PooledBlock copy = BlockPool.Rent(bytes.Length);
        bytes.CopyTo(copy.Span);
        Attach(copy.Memory[..bytes.Length], copy);
    }

    /// <summary>Adds a stream to the message; it belongs to the framework from now on.</summary>
    /// <exception cref="NotSupportedException">This is no message to another node.</exception>
    public int AddStream(Stream stream)
    {
        if (Connection is null)
        {
            throw new NotSupportedException("A stream can be sent only as part of a call: as an argument, as a result, or inside of one.");
        }

        return (Streams ??= new MessageStreams(Connection)).Add(stream);
    }

    /// <summary>Bytes that were written, to be written over.</summary>
    public Span<byte> Overwrite(int start, int bytes) => _bytes.AsSpan(_headroom, WrittenBytes).Slice(start, bytes);

    /// <summary>Forgets what was written.</summary>
    public void Clear() => _end = _headroom;

    /// <summary>Room for at least <paramref name="bytes"/> more bytes, not counted as written yet. Stays in bounds because the array is grown first; valid until the next call.</summary>
    /// <exception cref="PayloadTooLargeException">It would pass the limit.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte Reserve(int bytes)
    {
        if ((uint)bytes > (uint)(_bytes.Length - _end))
        {
            Grow(bytes);
        }

        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_bytes), _end);
    }

    /// <summary>Counts reserved bytes as written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int bytes) => _end += bytes;

    /// <summary>The same room as a span.</summary>
    public Span<byte> ReserveSpan(int bytes) => MemoryMarshal.CreateSpan(ref Reserve(bytes), bytes);

    private void EndTakes(bool isGivenBack)
    {
        if (_taken is not { Count: > 0 } taken)
        {
            return;
        }

        foreach (ITakenValues values in taken)
        {
            values.EndTake(isGivenBack);
        }

        taken.Clear();
    }

    private void Grow(int bytes)
    {
        long needed = (long)_end + bytes;
        if (needed - _headroom > _bytesMax)
        {
            ThrowTooLarge(needed - _headroom);
        }

        long doubled = Math.Min((long)_bytes.Length * 2, (long)_headroom + _bytesMax);
        Array.Resize(ref _bytes, (int)Math.Max(needed, doubled));
    }

    [DoesNotReturn]
    private void ThrowTooLarge(long bytes)
    {
        Clear();
        throw new PayloadTooLargeException(bytes, _bytesMax);
    }
}
