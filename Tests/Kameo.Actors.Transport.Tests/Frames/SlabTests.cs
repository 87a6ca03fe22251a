using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Frames;

public sealed class SlabTests
{
    [Fact]
    public void ItGoesBackAtTheLastReleaseAndOneMoreThrows()
    {
        var pool = new SlabPool(256, keptMax: 1, limitBytes: 1024);
        Slab slab = pool.Rent();
        slab.Retain();
        Assert.Equal(2, slab.References);
        slab.Release();
        Assert.Equal(256, pool.OutstandingBytes);
        slab.Release();
        Assert.Equal(0, pool.OutstandingBytes);
        Assert.Equal(1, pool.Kept);
        Assert.Throws<InvalidOperationException>(slab.Release);
        Assert.Throws<InvalidOperationException>(slab.Retain);
        Assert.Same(slab, pool.Rent());
        Assert.Equal(1, slab.References);
    }

    [Fact]
    public void ThePoolKeepsNoMoreThanItsLimit()
    {
        var pool = new SlabPool(256, keptMax: 2, limitBytes: 1024);
        Slab[] slabs = [pool.Rent(), pool.Rent(), pool.Rent()];
        foreach (Slab slab in slabs)
            slab.Release();
        Assert.Equal(2, pool.Kept);
        Assert.Equal(3, pool.Allocated);
    }

    [Fact]
    public void OverTheLimitNoFurtherSlabIsPinnedByARequest()
    {
        var pool = new SlabPool(256, keptMax: 8, limitBytes: 512);
        Slab first = pool.Rent();
        Assert.True(first.TryLend());
        Slab second = pool.Rent();
        Assert.True(second.TryLend());
        Slab third = pool.Rent();
        Assert.True(pool.IsOverLimit);
        Assert.False(third.TryLend());
        Assert.Equal(1, pool.RetainsRefused);
        Assert.True(first.TryLend()); // Pinned already: one more frame in it costs nothing.
        third.Retain(); // A reply is bounded elsewhere.
        third.Release();
        second.EndLending();
        second.Release();
        Assert.True(third.TryLend());
    }

    [Fact]
    public async Task WhatIsLentManyTimesGoesBackOnceAllHaveReleasedIt()
    {
        const int Times = 100_000;
        var pool = new SlabPool(256, keptMax: 8, limitBytes: 512);
        Slab slab = pool.Rent();
        using var lent = new SemaphoreSlim(0);
        Task borrower = Task.Run(() =>
        {
            for (int i = 0; i < Times; i++)
            {
                lent.Wait();
                slab.Release();
            }
        });
        for (int i = 0; i < Times; i++)
        {
            slab.Lend();
            lent.Release();
        }

        await borrower.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(slab.IsUnshared);
        slab.Lend();
        Assert.False(slab.IsUnshared);
        slab.EndLending();
        Assert.Equal(256, pool.OutstandingBytes);
        slab.Release();
        Assert.Equal(0, pool.OutstandingBytes);
        Assert.Throws<InvalidOperationException>(slab.Release);
    }

    [Fact]
    public void APeerThatMakesEveryRequestWaitCannotPinMoreThanTheLimit()
    {
        var pool = new SlabPool(256, keptMax: 8, limitBytes: 1024);
        using var reader = new FrameReader(pool, 256);
        var frame = new byte[104];
        new FrameHeader(FrameKind.Tell, 80).Write(frame);
        int kept = 0;
        int refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            frame.CopyTo(reader.GetSpan());
            reader.Advance(frame.Length);
            Assert.Equal(FrameReadStatus.Frame, reader.TryRead(out Frame got));
            if (got.Slab.TryLend())
                kept++;
            else
                refused++;
            reader.EndBatch();
        }

        Assert.True(kept > 0 && refused > 0);
        Assert.InRange(pool.OutstandingBytes, 1, 1024 + 256);
    }
}
