using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Pools;

/// <summary>What a pool of buffers keeps, and what it lets go because nobody needed it.</summary>
public sealed class KeptItemsTests
{
    private KeptItems<object> _kept = new(4);

    [Fact]
    public void It_keeps_no_more_than_its_bound_and_gives_the_last_first()
    {
        object[] items = [.. Enumerable.Range(0, 5).Select(static number => (object)number)];
        foreach (object item in items)
        {
            _kept.Keep(item);
        }

        Assert.Equal((4, 4), (_kept.Count, _kept.Max));
        foreach (object item in items.Take(4).Reverse())
        {
            Assert.True(_kept.TryTake(out object? taken));
            Assert.Same(item, taken);
        }

        Assert.False(_kept.TryTake(out _));
    }

    [Fact]
    public void Those_are_let_go_that_lay_there_all_the_time()
    {
        object[] items = [new(), new(), new(), new()];
        foreach (object item in items)
        {
            _kept.Keep(item);
        }

        _kept.LetGo();
        Assert.Equal(4, _kept.Count); // They came meanwhile.

        // At its busiest one of four is out.
        for (int times = 0; times < 3; times++)
        {
            Assert.True(_kept.TryTake(out object? taken));
            _kept.Keep(taken);
        }

        _kept.LetGo();
        Assert.Equal(1, _kept.Count);
        Assert.True(_kept.TryTake(out object? last));
        Assert.Same(items[3], last);
        _kept.LetGo();
        _kept.Keep(last);
        _kept.LetGo();
        Assert.Equal(1, _kept.Count); // It was out when the time began.
        _kept.LetGo();
        Assert.Equal(0, _kept.Count);
        Assert.False(_kept.TryTake(out _));
    }

    [Fact]
    public async Task A_node_keeps_no_rings_and_slabs_that_nobody_needs()
    {
        var time = new StoppedTime();
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.ClientOptions(options => options.TimeProvider = time));
        AlignedBlock[] rings = [node.RingBuffers.Rent(), node.RingBuffers.Rent()];
        Slab[] slabs = [node.Slabs.Rent(), node.Slabs.Rent()];
        foreach (AlignedBlock ring in rings)
        {
            node.RingBuffers.Return(ring);
        }

        foreach (Slab slab in slabs)
        {
            slab.Release();
        }

        time.Advance(TimeSpan.FromSeconds(10));
        time.FireTimers();
        Assert.Equal((2, 2), (node.RingBuffers.Kept, node.Slabs.Kept)); // Used meanwhile.
        node.RingBuffers.Return(node.RingBuffers.Rent());
        time.Advance(TimeSpan.FromSeconds(9));
        time.FireTimers();
        Assert.Equal((2, 2), (node.RingBuffers.Kept, node.Slabs.Kept)); // Not yet.
        time.Advance(TimeSpan.FromSeconds(1));
        time.FireTimers();
        Assert.Equal((1, 0), (node.RingBuffers.Kept, node.Slabs.Kept));
        time.Advance(TimeSpan.FromSeconds(10));
        time.FireTimers();
        Assert.Equal((0, 0), (node.RingBuffers.Kept, node.Slabs.Kept));
    }
}
