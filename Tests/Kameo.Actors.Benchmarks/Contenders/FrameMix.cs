using System.Buffers.Binary;
using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>
/// Bulk one way and pings beside it over one bare stream, by blocking calls: u32 length, u32 kind, payload. The server answers pings and drops the rest. It is what a program would write that
/// puts both on one connection itself: between two pieces of bulk, a ping that is wanted goes first.
/// </summary>
internal static class FrameMix
{
    private const int HeadBytes = 8;
    private const int BulkKind = 0;
    private const int PingKind = 1;
    private const int CountKind = 2;

    /// <summary>One record's worth.</summary>
    private const int PieceBytes = (16 * 1024) - HeadBytes;

    /// <summary>The server: answers a ping with itself, and a request for the count with the bytes of bulk so far.</summary>
    public static void Serve(Stream stream)
    {
        var reader = new BufferedStream(stream, 64 * 1024);
        byte[] head = new byte[HeadBytes];
        byte[] payload = new byte[64 * 1024];
        long bulk = 0;
        while (reader.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(head);
            reader.ReadExactly(payload, 0, length);
            switch (BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4)))
            {
                case BulkKind:
                    bulk += length;
                    break;
                case PingKind:
                    Write(stream, PingKind, payload.AsSpan(0, length));
                    break;
                default:
                    byte[] count = new byte[sizeof(long)];
                    BinaryPrimitives.WriteInt64LittleEndian(count, bulk);
                    Write(stream, CountKind, count);
                    break;
            }
        }
    }

    /// <summary>A round.</summary>
    /// <returns>MiB of bulk that arrived, for <see cref="WorkKind.Bulk"/>; pings, for the others.</returns>
    public static long Call(Stream stream, Work work, Latencies latencies)
    {
        var end = new RoundEnd(work.Duration);
        long before = ReadCount(stream);
        if (work.Kind == WorkKind.Bulk)
        {
            byte[] piece = new byte[PieceBytes];
            while (!end.IsReached)
            {
                Write(stream, BulkKind, piece);
            }

            return (ReadCount(stream) - before) >> 20; // Behind all of it.
        }

        byte[] ping = new byte[work.SizeBytes];
        byte[] answer = new byte[HeadBytes + work.SizeBytes];
        using var wanted = new SemaphoreSlim(0);
        Thread? writer = work.Kind == WorkKind.PingBesideBulk ? new Thread(() => WriteBulk(stream, end, wanted, ping)) : null;
        writer?.Start();
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            if (writer is null)
            {
                Write(stream, PingKind, ping);
            }
            else
            {
                wanted.Release();
            }

            stream.ReadExactly(answer);
            latencies.Stop(started);
        }

        writer?.Join();
        return count;
    }

    private static void WriteBulk(Stream stream, RoundEnd end, SemaphoreSlim wanted, byte[] ping)
    {
        byte[] piece = new byte[PieceBytes];
        bool isLast;
        do
        {
            isLast = end.IsReached;
            while (wanted.Wait(0))
            {
                Write(stream, PingKind, ping);
            }

            if (!isLast)
            {
                Write(stream, BulkKind, piece);
            }
        }
        while (!isLast);
    }

    private static long ReadCount(Stream stream)
    {
        Write(stream, CountKind, default);
        byte[] answer = new byte[HeadBytes + sizeof(long)];
        stream.ReadExactly(answer);
        return BinaryPrimitives.ReadInt64LittleEndian(answer.AsSpan(HeadBytes));
    }

    private static void Write(Stream stream, int kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> frame = stackalloc byte[HeadBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], kind);
        payload.CopyTo(frame[HeadBytes..]);
        stream.Write(frame);
    }
}
