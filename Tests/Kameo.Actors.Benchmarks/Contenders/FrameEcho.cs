using System.Buffers;
using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>
/// Frames of one size over a stream. The client keeps a window of them in flight: as many new ones as came back, in one write. The server echoes what it reads.
/// Floor/tls_echo.c does the same.
/// </summary>
internal static class FrameEcho
{
    /// <summary>
    /// Most bytes in flight. Both ends write before they read again; as long as the sockets' buffers hold everything that is under way, neither waits for the other for ever.
    /// </summary>
    public const int WindowBytesMax = 128 * 1024;

    private const int BufferBytes = 64 * 1024;

    /// <summary>How many frames are in flight when so many are asked for.</summary>
    public static int FramesInFlight(int wanted, int sizeBytes) => Math.Clamp(WindowBytesMax / sizeBytes, 1, wanted);

    public static void Serve(Stream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes); // Not given back when the connection breaks: the collector takes it.
        while (stream.Read(buffer, 0, buffer.Length) is > 0 and int read)
        {
            stream.Write(buffer, 0, read);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    public static async Task ServeAsync(Stream stream)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        while (await stream.ReadAsync(buffer) is > 0 and int read)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read));
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A round with blocking calls.</summary>
    /// <returns>How many frames came back.</returns>
    public static long Call(Stream stream, Work work, Latencies latencies)
    {
        var round = new FrameWindow(work);
        while (round.TryOwe(out ReadOnlyMemory<byte> frames))
        {
            long started = latencies.Start();
            stream.Write(frames.Span);
            do
            {
                round.Receive(stream.Read(round.Buffer, 0, round.Buffer.Length));
            }
            while (!round.HasFrame);

            latencies.Stop(started);
        }

        return round.FramesReceived;
    }

    /// <summary>A round with asynchronous calls.</summary>
    /// <returns>How many frames came back.</returns>
    public static async Task<long> CallAsync(Stream stream, Work work, Latencies latencies)
    {
        var round = new FrameWindow(work);
        while (round.TryOwe(out ReadOnlyMemory<byte> frames))
        {
            long started = latencies.Start();
            await stream.WriteAsync(frames);
            do
            {
                round.Receive(await stream.ReadAsync(round.Buffer));
            }
            while (!round.HasFrame);

            latencies.Stop(started);
        }

        return round.FramesReceived;
    }

    /// <summary>What is owed to a window of frames. For one caller.</summary>
    private sealed class FrameWindow(Work work)
    {
        private readonly byte[] _frames = new byte[FramesInFlight(work.InFlight, work.SizeBytes) * work.SizeBytes];
        private readonly RoundEnd _end = new(work.Duration);
        private long _sentBytes;
        private long _receivedBytes;
        private long _owed = FramesInFlight(work.InFlight, work.SizeBytes);

        public byte[] Buffer { get; } = new byte[BufferBytes];

        public long FramesReceived => _receivedBytes / work.SizeBytes;

        /// <summary>Whether a whole frame has come back since the last write.</summary>
        public bool HasFrame => _owed > 0;

        /// <summary>What to write next: nothing more once the round is over. False when everything has come back besides.</summary>
        public bool TryOwe(out ReadOnlyMemory<byte> frames)
        {
            int bytes = _end.IsReached ? 0 : (int)_owed * work.SizeBytes;
            frames = _frames.AsMemory(0, bytes);
            _sentBytes += bytes;
            _owed = 0;
            return _receivedBytes < _sentBytes;
        }

        public void Receive(int bytes)
        {
            long before = FramesReceived;
            _receivedBytes += bytes > 0 ? bytes : throw new EndOfStreamException("The server closed the connection.");
            _owed += FramesReceived - before;
        }
    }
}
