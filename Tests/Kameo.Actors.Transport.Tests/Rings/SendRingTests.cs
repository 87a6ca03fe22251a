using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Tests.Rings;

public sealed class SendRingTests
{
    private readonly RingBufferPool _pool = new(256, keptMax: 2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FramesOfRandomSizesComeOutAsTheyWentInOverManyLaps(int seed)
    {
        var random = new Random(seed);
        var ring = new SendRing<HardwareAtomics>(_pool);
        var expected = new Queue<byte[]>();
        long laps = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] frame = Frame(random.Next(8, ring.MaxFrameBytes + 1), random);
            long position;
            while (ring.TrySend(frame, out position) != ClaimStatus.Claimed)
                Drain(ring, expected, random.Next(1, 300));
            expected.Enqueue(frame);
            Assert.Equal(0, position % 8);
            laps = position / ring.CapacityBytes;
        }

        while (expected.Count > 0)
            Drain(ring, expected, 300);
        Assert.True(laps > 1000);
        Assert.True(ring.IsEmpty && ring.IsDrained);
        Assert.Equal(0, ring.UsedBytes);
    }

    [Fact]
    public void AFullRingRefusesUntilTheWriterConsumed()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        for (int i = 0; i < 4; i++)
            Assert.Equal(ClaimStatus.Claimed, ring.TrySend(Frame(64), out _));
        Assert.Equal(ClaimStatus.Full, ring.TrySend(Frame(8), out _));
        Assert.Equal(256, ring.UsedBytes);
        Assert.Equal(64, ring.Peek(64).Length);
        Assert.Equal(ClaimStatus.Full, ring.TrySend(Frame(8), out _));
        ring.Consume(64);
        Assert.Equal(ClaimStatus.Claimed, ring.TrySend(Frame(64), out long position));
        Assert.Equal(256, position);
        Assert.Equal(ClaimStatus.Full, ring.TrySend(Frame(8), out _));
    }

    [Fact]
    public void TheLargestFrameFitsAnEmptyRingAtAnyPlaceAndALargerOneNever()
    {
        for (int start = 0; start < 256; start += 8)
        {
            var ring = new SendRing<HardwareAtomics>(_pool);
            for (int at = 0; at < start; at += 8)
            {
                ring.TrySend(Frame(8), out _);
                ring.Consume(ring.Peek(8).Length);
            }

            Assert.Equal(ClaimStatus.TooLarge, ring.TryClaim(ring.MaxFrameBytes + 1, out _));
            Assert.Equal(ClaimStatus.Claimed, ring.TrySend(Frame(ring.MaxFrameBytes), out _));
            Assert.Equal(ring.MaxFrameBytes, ring.Peek(1).Length);
            ring.Dispose();
        }
    }

    [Fact]
    public void AnOpenClaimHoldsBackWhatWasClaimedAfterIt()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        Assert.Equal(ClaimStatus.Claimed, ring.TryClaim(16, out RingClaim open));
        ring.TrySend(Frame(24), out _);
        Assert.True(ring.IsEmpty);
        Assert.Equal(0, ring.Peek(1000).Length);
        open.CopyFrom(Frame(16));
        Assert.True(ring.IsEmpty);
        ring.Publish(open);
        Assert.False(ring.IsEmpty);
        Assert.Equal(40, ring.Peek(1000).Length);
    }

    [Fact]
    public void ASkipMarkAloneIsNothingToTake()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        for (int at = 0; at < 248; at += 8)
        {
            ring.TrySend(Frame(8), out _);
            ring.Consume(ring.Peek(8).Length);
        }

        Assert.Equal(ClaimStatus.Claimed, ring.TryClaim(16, out RingClaim open));
        Assert.Equal(256, open.Position);
        Assert.True(ring.IsEmpty);
        Assert.True(ring.Peek(100).IsEmpty);
        ring.Publish(open);
        Assert.False(ring.IsEmpty);
        Assert.Equal(16, ring.Peek(100).Length);
    }

    [Fact]
    public void ARunHasWholeFramesUpToTheLimitAndItsPaddingIsZero()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        ring.TrySend(Frame(13), out _);
        ring.TrySend(Frame(9), out _);
        ring.TrySend(Frame(24), out _);
        Assert.Equal(16, ring.Peek(1).Length);
        Assert.Equal(16, ring.Peek(31).Length);
        ReadOnlySpan<byte> run = ring.Peek(32);
        Assert.Equal(32, run.Length);
        Assert.Equal(13, BinaryPrimitives.ReadInt32LittleEndian(run));
        Assert.Equal(new byte[3], run[13..16].ToArray());
        Assert.Equal(9, BinaryPrimitives.ReadInt32LittleEndian(run[16..]));
        Assert.Equal(new byte[7], run[25..32].ToArray());
        Assert.Throws<InvalidOperationException>(() => ring.Consume(16));
        ring.Consume(32);
        Assert.Equal(24, ring.Peek(1000).Length);
    }

    [Fact]
    public void OnlyWhatWasHandedOutCountsAsSealed()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        ring.TrySend(Frame(16), out long first);
        ring.TrySend(Frame(16), out long second);
        Assert.True(first >= ring.SealedPosition);
        ring.Consume(ring.Peek(16).Length);
        Assert.True(first < ring.SealedPosition);
        Assert.True(second >= ring.SealedPosition);

        ring.Close();
        Assert.Equal(ClaimStatus.Closed, ring.TrySend(Frame(16), out _));
        Assert.Equal(16, ring.PeekUnsent().Length);
        ring.Consume(16);
        Assert.True(second >= ring.SealedPosition);
        Assert.True(ring.IsDrained);
    }

    [Fact]
    public void AClaimThatIsOpenAtTheCloseIsStillPublished()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        ring.TryClaim(16, out RingClaim open);
        ring.Close();
        Assert.Equal(ClaimStatus.Closed, ring.TryClaim(16, out _));
        Assert.False(ring.IsDrained);
        Assert.True(ring.PeekUnsent().IsEmpty);
        ring.Publish(open);
        Assert.Equal(16, ring.PeekUnsent().Length);
        ring.Consume(16);
        Assert.True(ring.IsDrained);
        Assert.True(ring.TryPark());
    }

    [Fact]
    public void AnIdleRingHoldsNoBuffer()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        Assert.True(ring.IsParked);
        Assert.True(ring.IsEmpty);
        Assert.True(ring.Peek(100).IsEmpty);
        Assert.Equal(0, _pool.Rented);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(ClaimStatus.Claimed, ring.TrySend(Frame(8 + i % 50), out _));
            Assert.Equal(1, _pool.Rented);
            Assert.False(ring.TryPark());
            ring.Consume(ring.Peek(100).Length);
            // A frame after a skip is a run of its own.
            Assert.True(ring.TryPark());
            Assert.Equal(0, _pool.Rented);
        }

        Assert.Equal(1, _pool.Allocated);
        Assert.Equal(1, _pool.Kept);
    }

    [Fact]
    public void DisposeGivesTheBufferBackUnlessAClaimIsOpen()
    {
        var idle = new SendRing<HardwareAtomics>(_pool);
        idle.TrySend(Frame(8), out _);
        idle.Consume(idle.Peek(8).Length);
        idle.Dispose();
        Assert.Equal((0, 1), (_pool.Rented, _pool.Kept));

        var busy = new SendRing<HardwareAtomics>(_pool);
        busy.TryClaim(16, out RingClaim open);
        busy.Dispose();
        busy.Dispose();
        open.CopyFrom(Frame(16));
        busy.Publish(open);
        Assert.Equal((0, 0), (_pool.Rented, _pool.Kept));
    }

    [Fact]
    public void ThePoolKeepsNoMoreThanItsLimit()
    {
        AlignedBlock[] blocks = [_pool.Rent(), _pool.Rent(), _pool.Rent()];
        foreach (AlignedBlock block in blocks)
            _pool.Return(block);
        Assert.Equal(2, _pool.Kept);
        Assert.Equal(0, _pool.Rented);
        Assert.Throws<ArgumentException>(() => new RingBufferPool(100, 1));
    }

    [Fact]
    public unsafe void BlocksStartAtACacheLine()
    {
        for (int i = 0; i < 20; i++)
        {
            var block = new AlignedBlock(100);
            Assert.Equal(0, (nint)Unsafe.AsPointer(ref block.Origin) % AlignedBlock.AlignmentBytes);
            Assert.True(Unsafe.AreSame(ref block.Origin, ref MemoryMarshal.GetReference(block.Memory.Span)));
            Assert.Equal(100, block.Span.Length);
        }
    }

    [Fact]
    public void AClaimTakesAFrameOfItsSizeOnly()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        ring.TryClaim(16, out RingClaim claim);
        try
        {
            claim.CopyFrom(Frame(17));
            Assert.Fail("A longer frame was taken.");
        }
        catch (ArgumentException)
        {
        }

        Assert.Equal(12, claim.Body.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.TryClaim(7, out _));
    }

    [Fact]
    public void SendingAndDrainingAllocateNothing()
    {
        var ring = new SendRing<HardwareAtomics>(_pool);
        var flag = new DrainFlag<HardwareAtomics>();
        byte[] frame = Frame(40);
        Rounds(ring, flag, frame, 1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(ring, flag, frame, 100_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Rounds(SendRing<HardwareAtomics> ring, DrainFlag<HardwareAtomics> flag, byte[] frame, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ring.TrySend(frame, out _);
            if (!flag.TryAcquire())
                continue;
            do
            {
                for (ReadOnlySpan<byte> run = ring.Peek(256); !run.IsEmpty; run = ring.Peek(256))
                    ring.Consume(run.Length);
                if (i % 100 == 0)
                    ring.TryPark();
            }
            while (flag.Release(ring));
        }
    }

    private static void Drain(SendRing<HardwareAtomics> ring, Queue<byte[]> expected, int maxBytes)
    {
        ReadOnlySpan<byte> run = ring.Peek(maxBytes);
        int bytes = run.Length;
        while (!run.IsEmpty)
        {
            byte[] frame = expected.Dequeue();
            Assert.True(run[..frame.Length].SequenceEqual(frame));
            int padded = (frame.Length + 7) & ~7;
            Assert.True(run[frame.Length..padded].IndexOfAnyExcept((byte)0) < 0);
            run = run[padded..];
        }

        ring.Consume(bytes);
    }

    private static byte[] Frame(int bytes, Random? random = null)
    {
        var frame = new byte[bytes];
        (random ?? new Random(bytes)).NextBytes(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame, bytes);
        return frame;
    }
}
