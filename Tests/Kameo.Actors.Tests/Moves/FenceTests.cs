using System.Collections.Concurrent;
using Kameo.Actors.Placement;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests.Moves;

/// <summary>A store outside of the cluster that refuses whoever writes with a lower number than it has seen.</summary>
public static class Witness
{
    private static readonly ConcurrentDictionary<string, long> s_highest = new(StringComparer.Ordinal);

    /// <summary>Writes.</summary>
    /// <returns>Whether it was let in.</returns>
    public static bool TryWrite(string key, long fence) => s_highest.AddOrUpdate(key, fence, (_, seen) => Math.Max(seen, fence)) == fence;
}

/// <summary>Writes to a store of its own, and can be frozen in the middle of a stretch of its code, as by a pause of its process.</summary>
public interface IWriter : IGrainWithStringKey
{
    ValueTask<long> Write();

    ValueTask FreezeAndWrite(string gate);

    ValueTask<int> Heard();

    ValueTask Hear();
}

/// <summary>What a frozen stretch saw when it went on.</summary>
public sealed record Thawed(long Fence, bool WasLetIn, Exception? SendingFailed);

public sealed class WriterActor : Actor, IWriter
{
    private static readonly ConcurrentDictionary<string, (ManualResetEventSlim Go, TaskCompletionSource<Thawed> Thawed)> s_frozen = new(StringComparer.Ordinal);
    private int _heard;

    public static (ManualResetEventSlim Go, TaskCompletionSource<Thawed> Thawed) Frozen(string gate) =>
        s_frozen.GetOrAdd(gate, static _ => (new ManualResetEventSlim(), new TaskCompletionSource<Thawed>(TaskCreationOptions.RunContinuationsAsynchronously)));

    public ValueTask<long> Write()
    {
        Assert.True(Witness.TryWrite(Key.Text, Context.Fence));
        return new(Context.Fence);
    }

    public async ValueTask FreezeAndWrite(string gate)
    {
        Assert.True(Witness.TryWrite(Key.Text, Context.Fence));
        (ManualResetEventSlim go, TaskCompletionSource<Thawed> thawed) = Frozen(gate);
        ProbeGates.Of(gate).Entered.TrySetResult();
        go.Wait(RealCluster.Deadline); // Its thread stands still: no await, no entry.
        Exception? failed = null;
        try
        {
            ValueTask told = Actors.Get<IWriter>($"{Key.Text}/other").Tell().Hear();
            failed = told.IsFaulted ? told.AsTask().Exception!.InnerException : null;
        }
        catch (ActorCallException exception)
        {
            failed = exception;
        }

        thawed.SetResult(new Thawed(Context.Fence, Witness.TryWrite(Key.Text, Context.Fence), failed));
        await Task.Yield();
        ProbeGates.Of(gate).Passed.TrySetResult(); // Never: that would be an entry.
    }

    public ValueTask<int> Heard() => new(_heard);

    public ValueTask Hear()
    {
        _heard++;
        return default;
    }
}

/// <summary>Whoever runs an actor later has the higher fence, also if the one before is frozen in its code and goes on behind the other's back.</summary>
public sealed class FenceTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Fact]
    public async Task A_stretch_that_was_frozen_while_its_node_was_evicted_has_the_lower_fence_and_nothing_that_it_sends_gets_out()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(2, static options => options.Membership = new MembershipOptions { Timing = QuickTiming.Timing, LeaveTimeout = TimeSpan.FromSeconds(1) });
        (ActorNode stays, ActorNode goes) = (cluster.Members[0], cluster.Members[1]);
        await cluster.SettleAsync();
        string key = KeyAt(stays, goes);
        long before = await stays.Get<IWriter>(key).Write();
        string gate = Journal.NewKey();
        Task turn = stays.Get<IWriter>(key).FreezeAndWrite(gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        (ManualResetEventSlim go, TaskCompletionSource<Thawed> thawed) = WriterActor.Frozen(gate);
        try
        {
            using (await Stall.OfAsync(goes)) // So that it does not come back before the other has the actor.
            {
                await stays.Transport.Membership!.EvictAsync(goes.Id);
                NodeUnreachableException told = await Assert.ThrowsAsync<NodeUnreachableException>(() => turn.WaitAsync(s_deadline));
                Assert.Equal(CallOutcome.MayHaveRun, told.Outcome);
                long after = await UntilWrittenAsync(stays.Get<IWriter>(key)); // The witness lets it in: it asserts that.
                Assert.True(after > before, $"{after} after {before}");
                Assert.False(thawed.Task.IsCompleted);
                go.Set();
                Thawed late = await thawed.Task.WaitAsync(s_deadline);
                Assert.Equal(before, late.Fence);
                Assert.False(late.WasLetIn);
                Assert.IsType<NodeUnreachableException>(late.SendingFailed);
                Assert.Equal(after, await stays.Get<IWriter>(key).Write());
            }
        }
        finally
        {
            go.Set();
        }

        await cluster.SettleAsync();
        Assert.Equal(0, await stays.Get<IWriter>($"{key}/other").Heard());
        Assert.False(ProbeGates.Of(gate).Passed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_fence_never_falls_from_move_to_move()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Order);
        string key = await pair.NewAtAsync(pair.Goes);
        ActorNode[] places = [pair.Stays, pair.Goes];
        long before = await pair.Get(pair.Client, key).Fence();
        for (int move = 0; move < 6; move++)
        {
            ActorNode to = places[move % 2];
            pair.Stays.Move(pair.Get(pair.Stays, key), to.Id);
            await Eventually.TrueAsync(async () => await pair.Get(pair.Client, key).Node() == to.Id.ToString(), "the move");
            long fence = await pair.Get(pair.Client, key).Fence();
            Assert.True(fence >= before, $"{fence} after {before}"); // One owner of the slot all the time, which sees to it that no two run at once.
            before = fence;
        }

        await pair.Cluster.JoinAsync();
        await pair.Cluster.SettleAsync();
        Assert.True(await pair.Get(pair.Client, key).Fence() >= before);
    }

    /// <summary>A call that is on the connection of who is evicted as that ends fails by name.</summary>
    private static async Task<long> UntilWrittenAsync(IWriter writer)
    {
        while (true)
        {
            try
            {
                return await writer.Write().AsTask().WaitAsync(s_deadline);
            }
            catch (NodeUnreachableException)
            {
                // Once more: it goes by the next view.
            }
        }
    }

    private static string KeyAt(ActorNode from, ActorNode at)
    {
        string key;
        do
        {
            key = Journal.NewKey();
        }
        while (from.Slots!.GroupOf(typeof(WriterActor).FullName!)!.OwnerOf(SlotHash.SlotOf(new ActorId(typeof(WriterActor).FullName!, ActorKey.Of(key)))).Peer != at.Id);

        return key;
    }
}
