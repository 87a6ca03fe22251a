using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>The short ways of calls within a node are under its lease as the long one is. In the collection that runs alone: the pace of a method is the process's.</summary>
[Collection(Calls.AloneCollection.Name)]
public sealed class LocalLeaseTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public Task An_ask_does_not_run_on_its_callers_stack_while_the_lease_is_out() => Task.Run(async () =>
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ILeased leased = await InlineAsync(node);
        using Stall stall = await Stall.OfAsync(node);
        ValueTask<bool> asked = LocalActor.Call(leased.IsInline);
        Assert.False(asked.IsCompleted);
        stall.Dispose();
        Assert.False(await asked.AsTask().WaitAsync(s_deadline)); // It ran, and not here.
    });

    [Fact]
    public Task The_answer_of_one_that_ran_there_is_not_let_out_after_the_end_of_the_lease() => Task.Run(async () =>
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ILeased leased = await InlineAsync(node);
        Stall? stall = null;
        LeasedActor.During = () => stall = Task.Run(() => Stall.OfAsync(node)).GetAwaiter().GetResult(); // Its awaits are not for the turn.
        ValueTask<bool> asked = LocalActor.Call(leased.IsInline);
        LeasedActor.During = null;
        Assert.NotNull(stall); // It ran before the call returned.
        Assert.False(asked.IsCompleted);
        stall.Dispose();
        Assert.True(await asked.AsTask().WaitAsync(s_deadline));
        await leased.Count().AsTask().WaitAsync(s_deadline); // The turn has ended.
    });

    [Fact]
    public async Task A_tell_is_lost_and_counted_when_the_lease_is_out_for_longer_than_one_lasts()
    {
        using var measured = new Measured("kameo.tells.lost");
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ILeased leased = node.Get<ILeased>("a");
        Assert.Equal(1, await leased.Count());
        using Stall stall = await Stall.OfAsync(node);
        for (int tell = 0; tell < 3; tell++)
        {
            Assert.True(leased.Tell().Count().IsCompletedSuccessfully);
        }

        await Eventually.TrueAsync(() => LostOf(measured) >= 3, "the tells to be lost");
        stall.Dispose();
        await Eventually.TrueAsync(() => node.Transport.Membership!.IsServing, "the lease");
        Assert.Equal(2, await leased.Count());
        Assert.Equal(3, LostOf(measured));
    }

    [Fact]
    public async Task Tells_that_wait_are_lost_and_counted_when_the_life_of_their_node_ends()
    {
        using var measured = new Measured("kameo.tells.lost");
        await using ActorNode first = await ActorNode.StartAsync(QuickTiming.Options());
        await using ActorNode second = await ActorNode.StartAsync(QuickTiming.Options(options => options.Seeds.Add(first.Transport.LocalEndPoint!.ToString())));
        await second.Transport.Membership!.WaitForAsync(static status => status.Members.Count == 2 && status.Members.All(static member => member.State == "up")).WaitAsync(s_deadline);
        IProbe probe = second.Get<IProbe>("0");
        for (int key = 1; await probe.Node() != second.Id.ToString(); key++)
        {
            probe = second.Get<IProbe>($"{key}");
        }

        string name = Guid.NewGuid().ToString();
        ProbeGates.Gate gate = ProbeGates.Of(name);
        Task<bool> turn = probe.WaitForGate(name).AsTask();
        await gate.Entered.Task.WaitAsync(s_deadline);
        for (int tell = 0; tell < 3; tell++)
        {
            Assert.True(probe.Tell().Count().IsCompletedSuccessfully);
        }

        await first.Transport.Membership!.EvictAsync(second.Id);
        await Eventually.TrueAsync(() => LostOf(measured) >= 3, "the tells to be lost");
        Assert.Equal(3, LostOf(measured));
        gate.Open.SetResult();
        await turn.WaitAsync(s_deadline).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private static double LostOf(Measured measured) => measured.Seen("kameo.tells.lost", "NotServing").Sum(static one => one.Value);

    /// <summary>An actor whose asks run on their caller's stack at this moment.</summary>
    private static async Task<ILeased> InlineAsync(ActorNode node)
    {
        ILeased leased = node.Get<ILeased>("a");
        await leased.Count();
        bool isInline = false;
        while (!isInline)
        {
            IQueuedLocal queued = node.Get<IQueuedLocal>("queue");
            await queued.IsInline();
            isInline = await LocalActor.Call(leased.IsInline) && await LocalActor.Call(leased.IsInline);
        }

        return leased;
    }
}

/// <summary>An actor whose turn lasts as long as a test wants.</summary>
public interface ILeased : IGrainWithStringKey
{
    ValueTask<int> Count();

    ValueTask<bool> IsInline();
}

public sealed class LeasedActor : Actor, ILeased
{
    private readonly LocalActor _local = new();
    private int _count;

    public static Action? During { get; set; }

    public ValueTask<int> Count() => new(++_count);

    public ValueTask<bool> IsInline()
    {
        During?.Invoke();
        return _local.IsInline();
    }
}
