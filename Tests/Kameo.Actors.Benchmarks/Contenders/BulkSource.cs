using System.Diagnostics;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>A stream of zeros that ends with the round, as fast as it is read or held to a rate.</summary>
/// <param name="isOver">Whether the round is over.</param>
/// <param name="bytesPerSecondMax">The rate; null for no bound.</param>
internal sealed class BulkSource(Func<bool> isOver, double? bytesPerSecondMax = null) : Stream
{
    /// <summary>A held stream sends in pieces of this size: a fraction of a millisecond's worth.</summary>
    private const int PieceBytes = 64 * 1024;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private readonly PeriodicTimer? _timer = bytesPerSecondMax is null ? null : new PeriodicTimer(s_tick);
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _bytes;

    /// <summary>What was read of it.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int bytes = buffer.Length;
        if (bytesPerSecondMax is { } rate)
        {
            bytes = Math.Min(bytes, PieceBytes);
            while (Bytes > Stopwatch.GetElapsedTime(_start).TotalSeconds * rate && !isOver())
            {
                await _timer!.WaitForNextTickAsync(cancellationToken);
            }
        }

        if (isOver())
        {
            return 0;
        }

        Interlocked.Add(ref _bytes, bytes);
        return bytes;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _timer?.Dispose();
        base.Dispose(disposing);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
