using Kameo.Actors.Calls;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Placing;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>What a tell to another node allocates: nothing where it is sent, and where it runs only what its arguments are.</summary>
[Collection(AloneCollection.Name)]
public sealed class TellAllocationTests
{
    private const int Tells = 20_000;

    /// <summary>So many, and an ask behind them, so that few have to wait for window: who waits may allocate.</summary>
    private const int BurstMax = 16;

    /// <summary>What the process does besides, now and then. The smallest object has 24 bytes.</summary>
    private const int BytesPerTellMax = 4;

    private const int RoundsMax = 40;

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task Between_members_of_a_cluster(int length)
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(2);
        IKept there = Enumerable.Range(0, 64).Select(number => cluster.Nodes[0].Get<IKept>($"kept{number}")).First(static kept => ((ActorReference)kept).FindRoute() is { IsBySlot: true, IsHere: false });
        await AssertNothingAsync(there, length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task From_a_client_of_a_node(int length)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        await AssertNothingAsync(cluster.Clients[0].Get<IKept>("kept"), length);
    }

    /// <param name="kept">The actor.</param>
    /// <param name="length">Bytes of the argument that is an array; 0: no argument is one.</param>
    private static async Task AssertNothingAsync(IKept kept, int length)
    {
        byte[]? sent = length == 0 ? null : new byte[length];
        long own = ArrayBytes(length) * Tells;
        long most = own + (Tells * BytesPerTellMax);

        // On one thread, which warms up with the first round: each has buffers of its own.
        (long sending, long all) = await Task.Factory.StartNew(() => MeasureLeast(kept, sent, most), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal(0, sending);
        Assert.InRange(all, own, most);
    }

    /// <returns>What sending allocated in the quietest round, and what the whole process did in its quietest.</returns>
    private static (long Sending, long All) MeasureLeast(IKept kept, byte[]? bytes, long most)
    {
        (long Sending, long All) least = (long.MaxValue, long.MaxValue);
        for (int round = 0; round < RoundsMax && (least.Sending != 0 || least.All >= most); round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long sending = SendRound(kept, bytes);
            least = (Math.Min(least.Sending, sending), Math.Min(least.All, GC.GetTotalAllocatedBytes(precise: true) - before));
        }

        return least;
    }

    /// <returns>What sending allocated, where it had not to wait.</returns>
    private static long SendRound(IKept kept, byte[]? bytes)
    {
        long start = Wait(kept.Count());
        long count = start;
        long allocated = 0;
        int bursts = 0;
        var sent = new ValueTask[BurstMax];
        for (int told = 0; told < Tells; told += BurstMax)
        {
            long sending = SendBurst(kept, bytes, sent, out bool waited);
            if (!waited)
            {
                allocated += sending;
                bursts++;
            }

            count = Wait(kept.Count());
        }

        Assert.Equal(start + Tells, count);
        Assert.InRange(bursts, Tells / BurstMax / 2, Tells / BurstMax);
        return allocated;
    }

    /// <summary>Without a task, which would count.</summary>
    private static long Wait(ValueTask<long> ask)
    {
        SpinWait spin = default;
        while (!ask.IsCompleted)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return ask.GetAwaiter().GetResult();
    }

    private static long SendBurst(IKept kept, byte[]? bytes, ValueTask[] sent, out bool waited)
    {
        waited = false;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int told = 0; told < BurstMax; told++)
        {
            sent[told] = bytes is null ? kept.Tell().Put(told) : kept.Tell().Keep(bytes);
            waited |= !sent[told].IsCompletedSuccessfully;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        foreach (ValueTask tell in sent)
        {
            tell.AsTask().GetAwaiter().GetResult();
        }

        return allocated;
    }

    private static long ArrayBytes(int length)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        byte[]? array = length == 0 ? null : new byte[length];
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(array);
        return allocated;
    }
}

public interface IKept : IGrainWithStringKey
{
    ValueTask Put(long number);

    ValueTask Keep(byte[] bytes);

    /// <returns>How many were told.</returns>
    ValueTask<long> Count();
}

public sealed class KeptActor : Actor, IKept
{
    private long _count;

    public ValueTask Put(long number)
    {
        _count++;
        return default;
    }

    public ValueTask Keep(byte[] bytes)
    {
        _count++;
        return default;
    }

    public ValueTask<long> Count() => new(_count);
}
