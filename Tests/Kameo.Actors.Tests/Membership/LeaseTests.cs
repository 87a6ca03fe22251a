using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Membership;

/// <summary>User code is entered only under the lease of the node, in the incarnation that the activation belongs to.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_call_waits_while_the_lease_is_out_and_runs_when_it_is_renewed()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        IProbe probe = node.Get<IProbe>("a");
        Assert.Equal(1, await probe.Count());
        using (Stall stall = await Stall.OfAsync(node))
        {
            Task<int> waiting = probe.Count().AsTask();
            await Task.WhenAny(waiting, Task.Run(() => stall.HeldForAsync(TimeSpan.FromMilliseconds(300)))).WaitAsync(s_deadline);
            Assert.False(waiting.IsCompleted);
            stall.Dispose();
            Assert.Equal(2, await waiting.WaitAsync(s_deadline));
        }
    }

    [Fact]
    public async Task Calls_are_refused_as_not_run_when_the_lease_is_out_for_longer_than_one_lasts()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        IProbe probe = node.Get<IProbe>("b");
        Assert.Equal(1, await probe.Count());
        using Stall stall = await Stall.OfAsync(node);
        NodeUnreachableException refused = await Assert.ThrowsAsync<NodeUnreachableException>(() => probe.Count().AsTask().WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.NotRun, refused.Outcome);
        Assert.Contains("lease", refused.Message, StringComparison.Ordinal);
        stall.Dispose();
        await Eventually.TrueAsync(() => node.Transport.Membership!.IsServing, "the lease");
        Assert.Equal(2, await probe.Count());
    }

    [Fact]
    public async Task A_timer_that_ticks_once_and_the_notice_of_a_link_wait_for_as_long_as_the_lease_is_out()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        (string key, string other) = (Journal.NewKey(), Journal.NewKey());
        ITicker ticker = node.Get<ITicker>(key);
        ILinked linked = node.Get<ILinked>(other);
        await linked.Link(key + "linked");
        await ticker.Start(new TimerPlan(2.5 * QuickTiming.Timing.Lease, TimeSpan.Zero));
        using Stall stall = await Stall.OfAsync(node);
        node.Links.OnEnded(ActorId.Of(node.Get<ILinked>(key + "linked")), DeactivationReason.Failed, null);
        await Assert.ThrowsAsync<NodeUnreachableException>(() => linked.Touch().AsTask().WaitAsync(s_deadline));
        await Eventually.TrueAsync(() => node.Activations.TryFind(ActorId.Of(ticker))!.QueuedCalls > 0, "the tick to be due");
        await Assert.ThrowsAsync<NodeUnreachableException>(() => ticker.Touch().AsTask().WaitAsync(s_deadline));
        Assert.Empty(Journal.Of(key).Rest());
        stall.Dispose();
        Assert.Equal("tick 1", await Journal.Of(key).NextAsync());
        Assert.Equal($"died: {key}linked, Failed", await Journal.Of(other).NextAsync());
    }

    [Fact]
    public async Task A_turn_that_waits_is_not_resumed_while_the_lease_is_out()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        IProbe probe = node.Get<IProbe>("c");
        ProbeGates.Gate gate = ProbeGates.Of("lapse");
        Task<bool> turn = probe.WaitForGate("lapse").AsTask();
        await gate.Entered.Task.WaitAsync(s_deadline);
        using Stall stall = await Stall.OfAsync(node);
        gate.Open.SetResult();
        await stall.HeldForAsync(TimeSpan.FromMilliseconds(300));
        Assert.False(gate.Passed.Task.IsCompleted);
        stall.Dispose();
        Assert.True(await turn.WaitAsync(s_deadline));
    }

    [Fact]
    public async Task A_turn_of_an_incarnation_that_is_over_is_never_resumed_and_its_caller_is_told()
    {
        await using ActorNode first = await ActorNode.StartAsync(QuickTiming.Options());
        await using ActorNode second = await ActorNode.StartAsync(QuickTiming.Options(options => options.Seeds.Add(first.Transport.LocalEndPoint!.ToString())));
        await second.Transport.Membership!.WaitForAsync(static status => status.Members.Count == 2 && status.Members.All(static member => member.State == "up")).WaitAsync(s_deadline);
        IProbe probe = await FindOnAsync(first, second);
        ProbeGates.Gate gate = ProbeGates.Of("evicted");
        Task<bool> turn = probe.WaitForGate("evicted").AsTask();
        await gate.Entered.Task.WaitAsync(s_deadline);
        await first.Transport.Membership!.EvictAsync(second.Id);
        NodeUnreachableException told = await Assert.ThrowsAsync<NodeUnreachableException>(() => turn.WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.MayHaveRun, told.Outcome);
        await gate.Cancelled.Task.WaitAsync(s_deadline);
        gate.Open.SetResult();

        // It joins again by itself, and serves as another incarnation.
        await second.Transport.Membership!.WaitForAsync(static status => status.LivesEnded >= 1 && status.LeaseSeconds > 0 && status.Members.Count == 2).WaitAsync(s_deadline);
        await probe.Count().AsTask().WaitAsync(s_deadline);
        Assert.False(gate.Passed.Task.IsCompleted);
    }

    /// <summary>An actor that the agreed view places on a node.</summary>
    private static async Task<IProbe> FindOnAsync(ActorNode from, ActorNode on)
    {
        for (int index = 0; ; index++)
        {
            IProbe probe = from.Get<IProbe>($"on-{index}");
            if (await probe.Node() == on.Id.ToString())
            {
                return probe;
            }
        }
    }
}
