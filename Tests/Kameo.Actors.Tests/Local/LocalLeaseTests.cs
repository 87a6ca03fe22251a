using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
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
    public async Task What_a_queued_one_throws_is_not_let_out_after_the_end_of_the_lease()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ILateThrower thrower = node.Get<ILateThrower>("a");
        Assert.Equal(1, await thrower.Count());
        Stall? stall = null;
        LateThrowerActor.During = () => stall = Task.Run(() => Stall.OfAsync(node)).GetAwaiter().GetResult();
        Task<int> asked = thrower.Throw().AsTask();
        await Eventually.TrueAsync(() => Volatile.Read(ref stall) is not null, "the end of the lease");
        LateThrowerActor.During = null;
        await stall!.HeldForAsync(TimeSpan.FromMilliseconds(300));
        Assert.False(asked.IsCompleted);
        stall.Dispose();
        Assert.Equal("as told", (await Assert.ThrowsAsync<InvalidOperationException>(() => asked.WaitAsync(s_deadline))).Message);
        Assert.Equal(2, await thrower.Count().AsTask().WaitAsync(s_deadline)); // The turn has ended.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_was_given_back_is_not_looked_into_when_the_life_of_its_node_is_over(bool hasCall)
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ILeased leased = node.Get<ILeased>("a");
        Assert.Equal(1, await leased.Count());
        Activation known = node.Activations.All.Single();
        var made = new Activation(known.Terms, ActorKey.Of("given back"));
        if (hasCall)
        {
            ActorCall call = ((ActorReference)node.Get<ILeased>("given back")).Interface.Methods[0].Rent();
            call.HeldBy(1);
            Assert.True(made.TryEnqueue(call, out _));
        }

        Assert.True(made.TryGiveBack());
        made.CloseMailbox();
        node.EntryLife!.End();
        ((IThreadPoolWorkItem)made).Execute(); // On a pool thread an exception here is the end of the process.
        Assert.Equal(ActivationState.Ended, made.State);
    }

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

/// <summary>Throws instead of failing its task, as late as a test wants.</summary>
public interface ILateThrower : IGrainWithStringKey
{
    ValueTask<int> Count();

    ValueTask<int> Throw();
}

[QueueLocalAsks]
public sealed class LateThrowerActor : Actor, ILateThrower
{
    private int _count;

    public static Action? During { get; set; }

    public ValueTask<int> Count() => new(++_count);

    public ValueTask<int> Throw()
    {
        During?.Invoke();
        throw new InvalidOperationException("as told");
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
