using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Frames;

public sealed class FrameReaderTests
{
    private readonly SlabPool _pool = new(1024, keptMax: 4, limitBytes: 8 * 1024);

    [Fact]
    public void ByteByByte()
    {
        (byte[] stream, List<byte[]> frames) = Stream(seed: 1, count: 200, maxPayloadBytes: 300);
        using var reader = new FrameReader(_pool, 1024);
        var got = new List<byte[]>();
        foreach (byte value in stream)
        {
            Feed(reader, [value]);
            Take(reader, got);
        }

        Same(frames, got);
        reader.EndBatch();
        Assert.Equal(0, _pool.OutstandingBytes);
    }

    [Fact]
    public void EverySplit()
    {
        (byte[] stream, List<byte[]> frames) = Stream(seed: 2, count: 12, maxPayloadBytes: 90);
        for (int split = 0; split <= stream.Length; split++)
        {
            using var reader = new FrameReader(_pool, 1024);
            var got = new List<byte[]>();
            Feed(reader, stream.AsSpan(0, split));
            Take(reader, got);
            reader.EndBatch();
            Feed(reader, stream.AsSpan(split));
            Take(reader, got);
            reader.EndBatch();
            Same(frames, got);
            Assert.False(reader.HoldsSlab);
        }

        Assert.Equal(0, _pool.OutstandingBytes);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomSplitsWithFramesThatAreKept(int seed)
    {
        var random = new Random(seed);
        (byte[] stream, List<byte[]> frames) = Stream(seed, count: 2000, maxPayloadBytes: 990);
        using var reader = new FrameReader(_pool, 1024);
        var got = new List<byte[]>();
        var kept = new Queue<(Slab Slab, int Offset, byte[] Expected)>();
        int at = 0;
        while (at < stream.Length)
        {
            Span<byte> room = reader.GetSpan();
            int bytes = Math.Min(Math.Min(room.Length, stream.Length - at), random.Next(1, 700));
            stream.AsSpan(at, bytes).CopyTo(room);
            reader.Advance(bytes);
            at += bytes;
            while (reader.TryRead(out Frame frame) == FrameReadStatus.Frame)
            {
                got.Add(frame.Bytes.ToArray());
                if (random.Next(10) == 0)
                {
                    frame.Slab.Lend();
                    kept.Enqueue((frame.Slab, frame.Offset, got[^1]));
                }
            }

            if (random.Next(3) == 0)
                reader.EndBatch();
            while (kept.Count > random.Next(1, 20))
                Release(kept.Dequeue());
        }

        Same(frames, got);
        while (kept.Count > 0)
            Release(kept.Dequeue());
        reader.EndBatch();
        reader.Dispose();
        Assert.Equal(0, _pool.OutstandingBytes);

        static void Release((Slab Slab, int Offset, byte[] Expected) item)
        {
            Assert.True(item.Slab.Span.Slice(item.Offset, item.Expected.Length).SequenceEqual(item.Expected));
            item.Slab.Release();
        }
    }

    [Fact]
    public void AFrameOfTheSizeOfASlabIsRead()
    {
        byte[] small = Encode(FrameKind.Tell, 40, 0, new Random(1));
        byte[] large = Encode(FrameKind.Tell, 1000, 0, new Random(2));
        Assert.Equal(1024, large.Length);
        using var reader = new FrameReader(_pool, 1024);
        var got = new List<byte[]>();
        foreach (byte value in (byte[])[.. small, .. large, .. small])
        {
            Feed(reader, [value]);
            Take(reader, got);
        }

        Same([small, large, small], got);
    }

    [Theory]
    [InlineData(0u, 2, 3, CloseReason.MalformedFrame)]
    [InlineData(23u, 2, 3, CloseReason.MalformedFrame)]
    [InlineData(513u, 2, 3, CloseReason.OversizedFrame)]
    [InlineData(0x8000_0000u, 2, 3, CloseReason.OversizedFrame)]
    [InlineData(uint.MaxValue, 2, 3, CloseReason.OversizedFrame)]
    [InlineData(24u, 0, 3, CloseReason.MalformedFrame)]
    [InlineData(24u, 20, 3, CloseReason.MalformedFrame)]
    [InlineData(24u, 255, 3, CloseReason.MalformedFrame)]
    [InlineData(24u, 2, 2, CloseReason.MalformedFrame)]
    [InlineData(24u, 2, 0, CloseReason.MalformedFrame)]
    [InlineData(24u, 2, 4, CloseReason.MalformedFrame)]
    [InlineData(512u, 2, 255, CloseReason.MalformedFrame)]
    public void ABadHeaderIsRefusedForGood(uint length, byte kind, byte words, CloseReason reason)
    {
        using var reader = new FrameReader(_pool, 512);
        var header = new byte[FrameHeader.Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, length);
        header[4] = kind;
        header[6] = words;
        Feed(reader, header);
        Assert.Equal(FrameReadStatus.Malformed, reader.TryRead(out _));
        Assert.Equal(reason, reader.Refusal);
        Assert.NotNull(reader.RefusalDetail);
        Feed(reader, Encode(FrameKind.Tell, 8, 0, new Random(1)));
        Assert.Equal(FrameReadStatus.Malformed, reader.TryRead(out _));
    }

    [Fact]
    public void AnOversizedLengthIsRefusedOnItsFourthByteWithoutAllocating()
    {
        using var reader = new FrameReader(_pool, 512);
        Feed(reader, [0xFF, 0xFF, 0xFF]);
        Assert.Equal(FrameReadStatus.NeedMore, reader.TryRead(out _));
        Feed(reader, [0x7F]);
        Assert.Equal(FrameReadStatus.Malformed, reader.TryRead(out _));
        Assert.Equal(CloseReason.OversizedFrame, reader.Refusal);
        Assert.Equal(1, _pool.Allocated);
    }

    [Theory]
    [InlineData("07 00 04 00")] // no words
    [InlineData("07 02 0C 00")] // past the header
    [InlineData("07 01 05 00")] // value longer than its words
    [InlineData("07 01 FF FF")]
    public void AnExtensionThatDoesNotAddUpIsRefused(string prefix)
    {
        using var reader = new FrameReader(_pool, 512);
        var frame = new byte[32];
        new FrameHeader(FrameKind.Tell, 8) { HeaderWords = 4 }.Write(frame);
        Convert.FromHexString(prefix.Replace(" ", "", StringComparison.Ordinal)).CopyTo(frame.AsSpan(24));
        Feed(reader, frame);
        Assert.Equal(FrameReadStatus.Malformed, reader.TryRead(out _));
        Assert.Equal(CloseReason.MalformedFrame, reader.Refusal);
    }

    [Fact]
    public void UnknownExtensionsAreSkippedBelow128AndNamedFromThereOn()
    {
        var frame = new byte[24 + 24];
        var extensions = new ExtensionWriter(frame.AsSpan(24));
        Assert.True(extensions.TryAppend((ExtensionTag)100, [1, 2]));
        Assert.True(extensions.TryAppend(ExtensionTag.RemainingTime, 1234u));
        Assert.True(extensions.TryAppend((ExtensionTag)130, []));
        new FrameHeader(FrameKind.Ask, 24) { HeaderWords = extensions.HeaderWords }.Write(frame);
        using var reader = new FrameReader(_pool, 512);
        Feed(reader, frame);
        Assert.Equal(FrameReadStatus.Frame, reader.TryRead(out Frame got));
        Assert.Equal((ExtensionTag)130, got.NotUnderstood);
        Assert.True(ExtensionReader.TryFind(got.Extensions, ExtensionTag.RemainingTime, out ReadOnlySpan<byte> value));
        Assert.Equal(1234u, BinaryPrimitives.ReadUInt32LittleEndian(value));
        Assert.False(ExtensionReader.TryFind(got.Extensions, ExtensionTag.Codec, out _));
        Assert.True(got.Payload.IsEmpty);
    }

    [Fact]
    public void AnIdleReaderHoldsNoSlabUnlessAWaitingFrameHoldsItAnyway()
    {
        var pool = new SlabPool(64 * 1024, keptMax: 4, limitBytes: 1 << 20);
        using var reader = new FrameReader(pool, 64 * 1024);
        byte[] tell = Encode(FrameKind.Tell, 104, 0, new Random(1));
        var kept = new List<Slab>();
        Feed(reader, tell);
        Assert.Equal(FrameReadStatus.Frame, reader.TryRead(out _));
        reader.EndBatch();
        Assert.False(reader.HoldsSlab);
        Assert.Equal(0, pool.OutstandingBytes);

        // A hundred lone messages that wait share a slab, rather than to pin one each.
        for (int i = 0; i < 100; i++)
        {
            Feed(reader, tell);
            Assert.Equal(FrameReadStatus.Frame, reader.TryRead(out Frame frame));
            Assert.True(frame.Slab.TryLend());
            kept.Add(frame.Slab);
            reader.EndBatch();
        }

        Assert.Equal(64 * 1024, pool.OutstandingBytes);
        kept.ForEach(slab => slab.Release());
        reader.EndBatch();
        Assert.Equal(0, pool.OutstandingBytes);
    }

    [Fact]
    public void ReadingAllocatesNothing()
    {
        var pool = new SlabPool(64 * 1024, keptMax: 4, limitBytes: 1 << 20);
        using var reader = new FrameReader(pool, 64 * 1024);
        (byte[] stream, List<byte[]> frames) = Stream(seed: 5, count: 40, maxPayloadBytes: 700);
        Assert.Equal(frames.Count, Rounds(reader, stream, 1));
        Rounds(reader, stream, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(reader, stream, 1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Rounds(FrameReader reader, byte[] stream, int count)
    {
        int frames = 0;
        for (int i = 0; i < count; i++)
        {
            Feed(reader, stream);
            while (reader.TryRead(out Frame frame) == FrameReadStatus.Frame)
            {
                if (frame.Slab.TryLend())
                    frame.Slab.Release();
                frames++;
            }

            if (i % 10 == 0)
                reader.EndBatch();
        }

        return frames;
    }

    private static void Feed(FrameReader reader, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = reader.GetSpan();
            Assert.False(room.IsEmpty);
            int part = Math.Min(room.Length, bytes.Length);
            bytes[..part].CopyTo(room);
            reader.Advance(part);
            bytes = bytes[part..];
        }
    }

    private static unsafe void Take(FrameReader reader, List<byte[]> got)
    {
        FrameReadStatus status;
        while ((status = reader.TryRead(out Frame frame)) == FrameReadStatus.Frame)
        {
            Assert.Equal(0, (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(frame.Bytes)) % 8);
            Assert.True(frame.PayloadMemory.Span.SequenceEqual(frame.Payload));
            Assert.Equal(frame.Header.Length, (uint)(FrameHeader.Bytes + frame.Extensions.Length + frame.Payload.Length));
            got.Add(frame.Bytes.ToArray());
        }

        Assert.Equal(FrameReadStatus.NeedMore, status);
    }

    private static void Same(List<byte[]> expected, List<byte[]> got)
    {
        Assert.Equal(expected.Count, got.Count);
        for (int i = 0; i < got.Count; i++)
            Assert.True(expected[i].AsSpan().SequenceEqual(got[i]), $"Frame {i} differs.");
    }

    private static (byte[] Stream, List<byte[]> Frames) Stream(int seed, int count, int maxPayloadBytes)
    {
        var random = new Random(seed);
        var stream = new List<byte>();
        var frames = new List<byte[]>();
        for (int i = 0; i < count; i++)
        {
            int extensionBytes = random.Next(3) == 0 ? random.Next(1, 4) * 8 : 0;
            byte[] frame = Encode((FrameKind)random.Next(1, 18), random.Next(maxPayloadBytes - extensionBytes), extensionBytes, random);
            frames.Add(frame);
            stream.AddRange(frame);
            while (stream.Count % 8 != 0)
                stream.Add(0);
        }

        return ([.. stream], frames);
    }

    private static byte[] Encode(FrameKind kind, int payloadBytes, int extensionBytes, Random random)
    {
        var frame = new byte[FrameHeader.Bytes + extensionBytes + payloadBytes];
        random.NextBytes(frame);
        var extensions = new ExtensionWriter(frame.AsSpan(FrameHeader.Bytes, extensionBytes));
        if (extensionBytes > 0)
            Assert.True(extensions.TryReserve(ExtensionTag.Padding, extensionBytes - ExtensionReader.PrefixBytes, out _));
        new FrameHeader(kind, extensionBytes + payloadBytes) { HeaderWords = extensions.HeaderWords, Correlation = 7 }.Write(frame);
        return frame;
    }
}
