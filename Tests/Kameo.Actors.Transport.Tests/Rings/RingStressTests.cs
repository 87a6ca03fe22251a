using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Tests.Rings;

/// <summary>The ring on real atomics: four producers, ten million frames, every byte checked.</summary>
public sealed class RingStressTests
{
    private const int Producers = 4;
    private const int FramesEach = 2_500_000;

    private readonly SendRing<HardwareAtomics> _ring = new(new RingBufferPool(4096, keptMax: 1));
    private readonly DrainFlag<HardwareAtomics> _flag = new();
    private readonly long[] _next = new long[Producers];
    private long _parked;
    private string? _failure;

    [Fact]
    public void FourProducersTenMillionFrames()
    {
        Thread[] threads = [.. Enumerable.Range(0, Producers).Select(p => new Thread(() => Produce(p)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            Assert.True(thread.Join(TimeSpan.FromSeconds(120)), $"A producer hangs: {string.Join(' ', _next)}");

        Assert.Null(_failure);
        Assert.All(_next, next => Assert.Equal(FramesEach, next));
        Assert.False(_flag.IsRunning);
        Assert.True(_ring.IsEmpty && _ring.IsDrained);
        Assert.True(_parked > 0);
    }

    /// <summary>The length of a frame follows from its number: 16 to 79 bytes.</summary>
    private static int FrameBytes(int producer, long sequence) => 16 + (int)((sequence * 7 + producer * 13) & 63);

    private void Produce(int producer)
    {
        Span<byte> frame = stackalloc byte[80];
        for (long sequence = 0; sequence < FramesEach && _failure is null; sequence++)
        {
            int bytes = FrameBytes(producer, sequence);
            frame.Fill((byte)(sequence + producer));
            MemoryMarshal.Write(frame, bytes);
            MemoryMarshal.Write(frame[8..], (sequence << 8) | (uint)producer);
            SpinWait spinner = default;
            while (_ring.TrySend(frame[..bytes], out _) != ClaimStatus.Claimed)
                spinner.SpinOnce(sleep1Threshold: -1);
            if (_flag.TryAcquire())
                Drain();
        }
    }

    private void Drain()
    {
        do
        {
            for (ReadOnlySpan<byte> run = _ring.Peek(1024); !run.IsEmpty; run = _ring.Peek(1024))
            {
                Check(run);
                _ring.Consume(run.Length);
            }

            if ((_ring.SealedPosition & 0xF000) == 0 && _ring.TryPark())
                _parked++;
        }
        while (_flag.Release(_ring));
    }

    private void Check(ReadOnlySpan<byte> run)
    {
        while (!run.IsEmpty)
        {
            int bytes = MemoryMarshal.Read<int>(run);
            long number = MemoryMarshal.Read<long>(run[8..]);
            int producer = (int)(number & 0xFF);
            long sequence = number >> 8;
            int padded = (bytes + 7) & ~7;
            byte fill = (byte)(sequence + producer);
            bool good = producer < Producers
                && sequence == _next[producer]
                && bytes == FrameBytes(producer, sequence)
                && run[4..8].IndexOfAnyExcept(fill) < 0
                && run[16..bytes].IndexOfAnyExcept(fill) < 0
                && run[bytes..padded].IndexOfAnyExcept((byte)0) < 0;
            if (!good)
            {
                _failure ??= $"producer {producer}, sequence {sequence}, {bytes} bytes";
                return;
            }

            _next[producer]++;
            run = run[padded..];
        }
    }
}
