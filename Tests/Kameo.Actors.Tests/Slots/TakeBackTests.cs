using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>What waited for a connection to a node that is gone, and was never sent (<see cref="HandoffCore.TakeBack"/>): it is older than all that was made after it, and none of it is lost.</summary>
public sealed class TakeBackTests
{
    private const int Slots = 1;
    private static readonly TimeSpan s_clearAt = TimeSpan.FromSeconds(5);

    /// <summary>Owners of the one slot in turn: of several members it goes to the one with the greatest weight.</summary>
    private static readonly Member s_first = SlotMapTests.Member(0, 1);
    private static readonly Member s_second = SlotMapTests.Member(1, 1 << 15);
    private static readonly Member s_third = SlotMapTests.Member(2, int.MaxValue);

    /// <summary>Calls, and owns nothing.</summary>
    private static readonly MemberId s_client = SlotMapTests.Member(3, 1).Id;

    [Fact]
    public void It_waits_for_the_view_and_goes_before_what_is_made_then()
    {
        HandoffCore core = Client(s_second);
        Request[] unsent = [new(1), new(2)];
        Assert.Equal([(s_second.Id, 1), (s_second.Id, 2)], Forwarded(Dispatch(core, unsent)));

        core.TakeBack(s_second.Id, unsent, 2);
        Assert.Empty(core.TakeAll());
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first)));
        List<HandoffOutput> outputs = core.TakeAll();
        core.Dispatch(default, new Request(3));
        outputs.AddRange(core.TakeAll());

        Assert.Equal([(s_first.Id, 1), (s_first.Id, 2), (s_first.Id, 3)], Forwarded(outputs));
        Assert.True(core.IsEmpty);
    }

    [Fact]
    public void It_runs_here_when_the_lease_of_who_is_gone_has_ended()
    {
        HandoffCore core = Core(s_first.Id);
        core.Install(default, new ViewHistory([SlotMapTests.ViewOf(1, s_first, s_third)], [], ViewTiming.LongAgo));
        core.TakeAll();
        Request[] unsent = [new(1), new(2)];
        Assert.Equal([(s_third.Id, 1), (s_third.Id, 2)], Forwarded(Dispatch(core, unsent)));

        core.TakeBack(s_third.Id, unsent, 2);
        core.Install(default, new ViewHistory([SlotMapTests.ViewOf(1, s_first, s_third), SlotMapTests.ViewOf(2, s_first)], new() { [s_third.Id] = s_clearAt }, ViewTiming.LongAgo));
        List<HandoffOutput> early = core.TakeAll();
        early.AddRange(Dispatch(core, new Request(3)));
        core.HandleDeadline(s_clearAt - TimeSpan.FromTicks(1));
        early.AddRange(core.TakeAll());

        Assert.DoesNotContain(early, static output => output.Kind is HandoffOutputKind.Run or HandoffOutputKind.Forward or HandoffOutputKind.Refuse);
        Assert.Equal(3, core.Held);
        core.HandleDeadline(s_clearAt);
        Assert.Equal([1, 2, 3], core.TakeAll().Where(static output => output.Kind == HandoffOutputKind.Run).Select(static output => ((Request)output.Request!).Number));
        Assert.Equal(0, core.Held);
    }

    [Fact]
    public void It_goes_before_what_is_held_for_a_flush_through_who_is_gone()
    {
        HandoffCore core = Client(s_first);
        Request[] unsent = [new(1), new(2)];
        Dispatch(core, unsent); // They would have gone to the first; there was no connection.
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first, s_second)));
        Assert.Contains(core.TakeAll(), static output => output.Message is Flush && output.Peer == s_first.Id);
        Assert.Empty(Forwarded(Dispatch(core, new Request(3), new Request(4))));

        core.TakeBack(s_first.Id, unsent, 3);
        Assert.Equal(4, core.Held);
        Assert.Empty(core.TakeAll());
        core.Install(default, Follows(SlotMapTests.ViewOf(3, s_second)));

        Assert.Equal([(s_second.Id, 1), (s_second.Id, 2), (s_second.Id, 3), (s_second.Id, 4)], Forwarded(core.TakeAll()));
        Assert.Equal(0, core.Held);
        Assert.True(core.IsEmpty);
    }

    [Fact]
    public void What_is_held_for_a_flush_through_another_node_waits_on()
    {
        HandoffCore core = Client(s_first);
        Dispatch(core, new Request(1));
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first, s_second)));
        core.TakeAll();
        Dispatch(core, new Request(2)); // Held for the flush through the first.
        Request unsent = new(3);

        core.TakeBack(s_third.Id, [unsent], 3);
        Assert.Equal(1, core.Held); // It waits for the view; then, having been on a way already, it goes before what has been on none.
        core.Install(default, Follows(SlotMapTests.ViewOf(3, s_first, s_second)));
        Assert.Empty(Forwarded(core.TakeAll()));
        core.Handle(default, s_second.Id, new Flushed(3, ["a"], 0, long.MaxValue / 8));

        Assert.Equal([(s_second.Id, 3), (s_second.Id, 2)], Forwarded(core.TakeAll()));
    }

    [Fact]
    public void What_was_on_its_way_by_record_comes_back_as_returned()
    {
        HandoffCore core = Client(s_second);
        Request unsent = new(1) { ByRecord = true };

        core.TakeBack(s_second.Id, [unsent], 2);
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first)));

        Assert.Equal([(s_first.Id, 1)], Forwarded(core.TakeAll()));
        Assert.Equal((false, true), (unsent.ByRecord, unsent.IsReturned));
    }

    [Fact]
    public void By_record_it_is_not_mixed_with_what_a_flush_holds()
    {
        HandoffCore core = Client(s_first);
        Dispatch(core, new Request(1));
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first, s_second)));
        core.TakeAll();
        Dispatch(core, new Request(2));

        core.TakeBack(s_first.Id, [new Request(3) { ByRecord = true }], 3);
        Assert.Equal(1, core.Held);
        core.Install(default, Follows(SlotMapTests.ViewOf(3, s_second)));

        Assert.Equal([(s_second.Id, 2), (s_second.Id, 3)], Forwarded(core.TakeAll()));
    }

    [Fact]
    public void Of_a_class_that_is_in_no_view_it_is_refused_with_the_view()
    {
        HandoffCore core = Client(s_second);

        core.TakeBack(s_second.Id, [new Request(1, "unknown")], 2);
        Assert.Empty(core.TakeAll());
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first)));

        Assert.Equal(Refusal.NoHost, Assert.Single(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Refuse).Refusal);
    }

    [Fact]
    public void What_waits_for_a_view_is_bounded_and_what_is_over_it_is_refused()
    {
        HandoffCore core = Client(s_second);

        core.TakeBack(s_second.Id, [.. Enumerable.Range(0, HandoffLimits.AheadMax + 2).Select(static number => new Request(number))], 2);
        List<HandoffOutput> refused = core.TakeAll();
        core.Install(default, Follows(SlotMapTests.ViewOf(2, s_first)));

        Assert.Equal([(HandoffLimits.AheadMax, Refusal.Overloaded), (HandoffLimits.AheadMax + 1, Refusal.Overloaded)], refused.Select(static output => (((Request)output.Request!).Number, output.Refusal)));
        Assert.Equal(Enumerable.Range(0, HandoffLimits.AheadMax).Select(static number => (s_first.Id, number)), Forwarded(core.TakeAll()));
    }

    /// <summary>A client that follows a view with one member.</summary>
    private static HandoffCore Client(Member owner)
    {
        HandoffCore core = Core(s_client);
        core.Install(default, Follows(SlotMapTests.ViewOf(1, owner)));
        core.TakeAll();
        return core;
    }

    private static HandoffCore Core(MemberId self) => new(self, Slots, new HandoffTiming(), HandoffRules.Right);

    private static ViewHistory Follows(View view) => ViewHistory.Of(view);

    private static List<HandoffOutput> Dispatch(HandoffCore core, params Request[] requests)
    {
        List<HandoffOutput> outputs = [];
        foreach (Request request in requests)
        {
            core.Dispatch(default, request);
            outputs.AddRange(core.TakeAll());
        }

        return outputs;
    }

    private static IEnumerable<(MemberId To, int Number)> Forwarded(IEnumerable<HandoffOutput> outputs) =>
        [.. outputs.Where(static output => output.Kind == HandoffOutputKind.Forward).Select(static output => (output.Peer, ((Request)output.Request!).Number))];

    private sealed class Request(int number, string type = "a") : SlotRequest(new ActorId(type, ActorKey.Of(number)), 0)
    {
        public int Number => number;
    }
}
