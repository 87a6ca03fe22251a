using Kameo.Actors.Calls;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>How often something is passed on from node to node is bounded.</summary>
public sealed class HopTests
{
    private static readonly Member s_owner = SlotMapTests.Member(0, int.MaxValue);
    private static readonly Member s_other = SlotMapTests.Member(1, 1);
    private static readonly Member s_third = SlotMapTests.Member(2, 1);

    [Fact]
    public void A_request_is_passed_on_to_the_owner_so_often_and_then_refused()
    {
        HandoffCore core = Core(s_other);
        var request = new Request();
        for (int hops = 1; hops <= HandoffLimits.HopsMax; hops++)
        {
            Assert.Equal(s_owner.Id, Assert.Single(Receive(core, request), static output => output.Kind == HandoffOutputKind.Forward).Peer);
            Assert.Equal(HandoffLimits.HopsMax - hops, request.HopsLeft);
        }

        AssertRefused(Receive(core, request));
    }

    [Fact]
    public void A_request_is_passed_on_to_where_its_actor_is_on_record_so_often_and_then_refused()
    {
        HandoffCore core = Core(s_owner);
        core.Dispatch(default, new Request { IsRecorded = true, Preferred = s_other.Id });
        Assert.Contains(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Forward && output.Peer == s_other.Id);
        var request = new Request();
        for (int hops = 1; hops <= HandoffLimits.HopsMax; hops++)
        {
            Assert.Equal(s_other.Id, Assert.Single(Receive(core, request), static output => output.Kind == HandoffOutputKind.Forward).Peer);
            Assert.Equal(HandoffLimits.HopsMax - hops, request.HopsLeft);
        }

        AssertRefused(Receive(core, request));
    }

    [Fact]
    public void Its_last_hop_may_end_where_it_runs()
    {
        HandoffCore core = Core(s_owner);

        Assert.Contains(Receive(core, new Request { HopsLeft = 0 }), static output => output.Kind == HandoffOutputKind.Run);
    }

    [Fact]
    public void Where_it_was_made_it_is_sent_and_not_passed_on()
    {
        HandoffCore core = Core(s_other);
        var request = new Request();
        core.Dispatch(default, request);

        Assert.Contains(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Forward);
        Assert.Equal(HandoffLimits.HopsMax, request.HopsLeft);
    }

    [Fact]
    public void A_flush_is_passed_on_so_often_and_then_no_more()
    {
        HandoffCore core = Core(s_other);
        var flush = new Flush(1, ["a"], 0, s_third.Id, 1, HopsLeft: 1);
        core.Handle(default, s_third.Id, flush);
        Assert.Equal(0, Assert.IsType<Flush>(Assert.Single(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Send).Message).HopsLeft);

        core.Handle(default, s_third.Id, flush with { HopsLeft = 0 });
        Assert.DoesNotContain(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Send);
    }

    [Fact]
    public async Task Its_caller_is_told_that_it_did_not_run_and_why()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        var reference = (ActorReference)cluster.Nodes[0].Get<ICounter>("a");
        ActorCall call = reference.Interface.Methods[0].Rent();
        call.HeldBy(2); // It does not go back to its pool.
        var request = new CallRequest(call, ActorId.Of((ICounter)reference), 0, null) { Placed = new TaskCompletionSource() };
        request.Refuse(Refusal.TooManyHops);

        ActorCallException told = await Assert.ThrowsAsync<ActorCallException>(() => request.Placed.Task);
        Assert.Equal(CallOutcome.NotRun, told.Outcome);
        Assert.Contains("did not run: it was passed on too often", told.Message, StringComparison.Ordinal);
    }

    /// <summary>A member, in the view of all three.</summary>
    private static HandoffCore Core(Member self)
    {
        var core = new HandoffCore(self.Id, 1, new HandoffTiming(), HandoffRules.Right);
        core.Install(default, new ViewHistory([SlotMapTests.ViewOf(1, s_owner, s_other, s_third)], [], ViewTiming.LongAgo));
        core.TakeAll();
        return core;
    }

    private static List<HandoffOutput> Receive(HandoffCore core, Request request)
    {
        request.ByRecord = false; // As whoever sends it back would.
        core.Receive(default, s_third.Id, 1, request);
        return core.TakeAll();
    }

    private static void AssertRefused(List<HandoffOutput> outputs)
    {
        HandoffOutput output = Assert.Single(outputs);
        Assert.Equal((HandoffOutputKind.Refuse, Refusal.TooManyHops), (output.Kind, output.Refusal));
    }

    private sealed class Request() : SlotRequest(new ActorId("a", ActorKey.Of(1)), 0);
}
