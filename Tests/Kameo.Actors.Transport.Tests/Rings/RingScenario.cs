using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Tests.Rings;

/// <summary>Producers that claim, fill, publish and drain if they find the writer idle; and, if asked for, one thread that parks the ring or closes it.</summary>
internal sealed unsafe class RingScenario : IInterleaved
{
    private readonly Interleaver _interleaver;
    private readonly RingPlan _plan;
    private readonly RingBufferPool _pool;
    private readonly SendRing<ScheduledAtomics> _ring;
    private readonly DrainFlag<ScheduledAtomics> _flag;
    private readonly int[] _sent;
    private readonly int[] _received;
    private long _receivedEnd;

    private RingScenario(Interleaver interleaver, RingPlan plan)
    {
        _interleaver = interleaver;
        _plan = plan;
        _sent = new int[plan.Producers];
        _received = new int[plan.Producers];
        _pool = new RingBufferPool(plan.CapacityBytes, keptMax: 1);
        _ring = new SendRing<ScheduledAtomics>(_pool, new ScheduledAtomics(interleaver, plan.Bug));
        _flag = new DrainFlag<ScheduledAtomics>(new ScheduledAtomics(interleaver, plan.Bug));
        Span<byte> filler = stackalloc byte[8];
        for (int at = 0; at < plan.StartAtBytes; at += 8)
        {
            Assert.Equal(ClaimStatus.Claimed, _ring.TrySend(filler, out _));
            _ring.Consume(_ring.Peek(8).Length);
        }
    }

    public int Threads => _plan.Producers + (_plan.Parks || _plan.Closes ? 1 : 0);

    /// <summary>Explores a plan to the end (or to the end of the time).</summary>
    public static Exploration Explore(RingPlan plan, TimeSpan budget)
    {
        int threads = plan.Producers + (plan.Parks || plan.Closes ? 1 : 0);
        using var interleaver = new Interleaver(threads, plan.StoreBuffers);
        return interleaver.Explore(
            runOnce =>
            {
                var scenario = new RingScenario(interleaver, plan);
                // The scheduler keeps addresses of these words in its store buffers: they must not move during the run. The ring's bytes never do.
                fixed (long* tail = &Tail(scenario._ring).Value, state = &State(scenario._flag).Value)
                    runOnce(scenario);
            },
            budget);
    }

    public void Run(int thread)
    {
        if (thread < _plan.Producers)
        {
            for (int sequence = 0; sequence < _plan.FramesEach; sequence++)
            {
                if (!Send(thread, sequence))
                    return;
            }
        }
        else if (_plan.Closes)
        {
            _ring.Close();
        }
        else
        {
            Park();
        }
    }

    public ulong HashOfMemory()
    {
        ulong hash = Interleaver.Mix((ulong)RunBytes(_ring), (ulong)Tail(_ring).Value);
        for (int producer = 0; producer < _plan.Producers; producer++)
            hash = Interleaver.Mix(hash, ((ulong)_sent[producer] << 32) | (uint)_received[producer]);
        hash = Interleaver.Mix(hash, (ulong)_receivedEnd);
        hash = Interleaver.Mix(hash, (ulong)Head(_ring).Value);
        hash = Interleaver.Mix(hash, (ulong)Sealed(_ring));
        hash = Interleaver.Mix(hash, (ulong)Consumed(_ring));
        hash = Interleaver.Mix(hash, (ulong)State(_flag).Value);
        AlignedBlock? buffer = Buffer(_ring);
        return buffer is null ? hash : Interleaver.Mix(hash, buffer.Span);
    }

    public void CheckEnd()
    {
        Assert.False(_flag.IsRunning, "The flag is left running.");
        Assert.True(_ring.IsEmpty, "A published frame is left with the flag idle.");
        Assert.True(_ring.IsDrained, "The ring is not drained.");
        Assert.Equal(_sent, _received);
        if (!_plan.Closes)
            Assert.All(_sent, sent => Assert.Equal(_plan.FramesEach, sent));
        Assert.Equal(_ring.IsParked ? 0 : 1, _pool.Rented);
        AlignedBlock? buffer = Buffer(_ring);
        Assert.True(buffer is null || buffer.Span.IndexOfAnyExcept((byte)0) < 0, "The drained ring is not zero.");
    }

    private bool Send(int producer, int sequence)
    {
        int bytes = _plan.FrameBytes[(producer + sequence) % _plan.FrameBytes.Length];
        while (true)
        {
            _interleaver.Forget(1, sequence);
            ClaimStatus status = _ring.TryClaim(bytes, out RingClaim claim);
            if (status == ClaimStatus.Closed)
                return false;
            if (status == ClaimStatus.Full)
            {
                _interleaver.Wait();
                continue;
            }

            Assert.Equal(ClaimStatus.Claimed, status);
            _interleaver.Forget(2, sequence, claim.Position);
            Assert.Equal(bytes, claim.FrameBytes);
            if (_plan.Bug == PlantedBug.PublishBeforeCopy)
                _ring.Publish(claim);
            Assert.True(_plan.Bug == PlantedBug.PublishBeforeCopy || claim.Body.IndexOfAnyExcept((byte)0) < 0, "The claimed space is not zero.");
            claim.Body[0] = (byte)(producer + 1);
            if (_plan.StepsInCopy)
                _interleaver.Point();
            claim.Body[1] = (byte)(sequence + 1);
            claim.Body[2..].Fill((byte)(producer * 16 + sequence + 1));
            if (_plan.Bug != PlantedBug.PublishBeforeCopy)
                _ring.Publish(claim);
            _sent[producer]++;
            _interleaver.Forget(3, sequence);
            if (_flag.TryAcquire())
                Drain(sequence);
            return true;
        }
    }

    private void Park()
    {
        for (int i = 0; i < _plan.ParkTries; i++)
        {
            _interleaver.Forget(4, i);
            if (!_flag.TryAcquire())
                continue;
            _ring.TryPark();
            _interleaver.Forget(5, i);
            if (_flag.Release(_ring))
                Drain(i);
        }
    }

    private void Drain(int loop)
    {
        do
        {
            while (true)
            {
                _interleaver.Forget(6, loop);
                ReadOnlySpan<byte> run = _ring.Peek(_plan.PeekBytes);
                if (run.IsEmpty)
                    break;
                Receive(run);
                _interleaver.Forget(7, loop, run.Length);
                _ring.Consume(run.Length);
            }

            _interleaver.Forget(8, loop);
        }
        while (_plan.Bug == PlantedBug.ReleaseWithoutLook ? ReleaseWithoutLook() : _flag.Release(_ring));
    }

    /// <summary>What a writer does that forgets to look at the ring after it set itself idle.</summary>
    private bool ReleaseWithoutLook() => _flag.Release(default(NothingToDrain));

    private readonly struct NothingToDrain : IDrainSource
    {
        public bool IsEmpty => true;
    }

    private void Receive(ReadOnlySpan<byte> run)
    {
        Assert.True(_receivedEnd < _ring.SealedPosition, "Sealed before handed out.");
        _receivedEnd = _ring.SealedPosition;
        while (!run.IsEmpty)
        {
            int length = BitConverter.ToInt32(run);
            Assert.InRange(length, 8, run.Length);
            ReadOnlySpan<byte> frame = run[4..length];
            int producer = frame[0] - 1;
            int sequence = frame[1] - 1;
            Assert.True(producer >= 0 && sequence >= 0, "A frame was handed out before it was filled.");
            Assert.Equal(_plan.FrameBytes[(producer + sequence) % _plan.FrameBytes.Length], length);
            Assert.True(frame[2..].IndexOfAnyExcept((byte)(producer * 16 + sequence + 1)) < 0, "A frame was handed out before it was filled.");
            int padded = (length + 7) & ~7;
            Assert.True(run[length..padded].IndexOfAnyExcept((byte)0) < 0, "Padding is not zero.");
            Assert.Equal(_received[producer], sequence);
            _received[producer]++;
            run = run[padded..];
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_tail")]
    private static extern ref PaddedWord Tail(SendRing<ScheduledAtomics> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_head")]
    private static extern ref PaddedWord Head(SendRing<ScheduledAtomics> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_consumed")]
    private static extern ref long Consumed(SendRing<ScheduledAtomics> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sealed")]
    private static extern ref long Sealed(SendRing<ScheduledAtomics> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_runBytes")]
    private static extern ref int RunBytes(SendRing<ScheduledAtomics> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_buffer")]
    private static extern ref AlignedBlock? Buffer(SendRing<ScheduledAtomics> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_state")]
    private static extern ref PaddedWord State(DrainFlag<ScheduledAtomics> flag);
}
