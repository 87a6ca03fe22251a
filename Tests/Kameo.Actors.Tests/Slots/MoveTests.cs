using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>Orders to move an actor, and where one goes that was to be at a node that is gone: the core of the slot's owner.</summary>
public sealed class MoveTests
{
    private const int Slots = 1;

    /// <summary>Of these it owns the one slot.</summary>
    private static readonly Member s_owner = SlotMapTests.Member(0, int.MaxValue);
    private static readonly Member s_other = SlotMapTests.Member(1, 1);
    private static readonly MemberId s_gone = SlotMapTests.Member(2, 1).Id;

    [Fact]
    public void What_is_pinned_to_a_node_that_is_gone_is_refused_and_runs_nowhere_else()
    {
        HandoffCore core = Owner();
        List<HandoffOutput> outputs = Dispatch(core, new Request(1) { IsRecorded = true, IsPinned = true, Preferred = s_gone });

        Assert.Equal(Refusal.NoHost, Assert.Single(outputs, static output => output.Kind == HandoffOutputKind.Refuse).Refusal);
        Assert.DoesNotContain(outputs, static output => output.Kind is HandoffOutputKind.Run or HandoffOutputKind.Forward);
        Assert.Contains(Dispatch(core, new Request(1) { IsRecorded = true, IsPinned = true, Preferred = s_other.Id }), static output => output.Kind == HandoffOutputKind.Forward && output.Peer == s_other.Id);
    }

    [Fact]
    public void What_only_prefers_a_node_that_is_gone_runs_at_the_owner() =>
        Assert.Contains(Dispatch(Owner(), new Request(1) { IsRecorded = true, Preferred = s_gone }), static output => output.Kind == HandoffOutputKind.Run);

    [Fact]
    public void An_actor_that_is_there_already_stays_as_it_is()
    {
        HandoffCore core = Owner();
        Request request = new(1) { IsRecorded = true, Preferred = s_other.Id };
        Dispatch(core, request);

        Assert.True(core.Move(default, request.Id, 0, s_other.Id));
        Assert.Empty(core.TakeAll());
        Assert.True(core.Move(default, request.Id, 0, s_owner.Id));
        Assert.IsType<End>(Assert.Single(core.TakeAll()).Message);
        Assert.True(core.Move(default, request.Id, 0, s_other.Id)); // It was told to end already: it comes back to where it was.
        Assert.IsType<End>(Assert.Single(core.TakeAll()).Message);
    }

    [Fact]
    public void Of_two_orders_before_the_next_request_the_last_one_counts()
    {
        HandoffCore core = Owner();
        MoveAndEnd(core, 1);
        Assert.True(core.Move(default, new Request(1).Id, 0, s_owner.Id));
        Assert.Contains(Dispatch(core, new Request(1) { IsRecorded = true, Preferred = s_other.Id }), static output => output.Kind == HandoffOutputKind.Run);

        Request onItsWay = new(2) { IsRecorded = true, Preferred = s_other.Id };
        Dispatch(core, onItsWay);
        Assert.True(core.Move(default, onItsWay.Id, 0, s_owner.Id));
        core.Handle(default, s_other.Id, new Unregister(1, onItsWay.Id, 0, s_other.Id, 4));
        Last last = Assert.IsType<Last>(Assert.Single(core.TakeAll(), static output => output.Message is Last).Message);
        Assert.True(core.Move(default, onItsWay.Id, 0, s_other.Id));
        core.Handle(default, s_other.Id, new Closed(1, onItsWay.Id, 0, s_other.Id, s_owner.Id, last.Number, IsHere: false, 4));
        core.TakeAll();
        Assert.Contains(Dispatch(core, new Request(2) { IsRecorded = true, Preferred = s_owner.Id }), static output => output.Kind == HandoffOutputKind.Forward && output.Peer == s_other.Id);
    }

    [Fact]
    public void So_many_orders_are_remembered_until_the_next_request_and_no_more()
    {
        HandoffCore core = Owner();
        for (int number = 0; number < HandoffLimits.RecordsPerSlotMax; number++)
        {
            MoveAndEnd(core, number);
        }

        Assert.True(core.IsFullOfMoves);
        Dispatch(core, new Request(-1) { IsRecorded = true, Preferred = s_owner.Id });
        Assert.False(core.Move(default, new Request(-1).Id, 0, s_other.Id));
        Assert.Contains(Dispatch(core, new Request(7) { IsRecorded = true, Preferred = s_owner.Id }), static output => output.Kind == HandoffOutputKind.Forward && output.Peer == s_other.Id);
        Assert.False(core.IsFullOfMoves); // It has gone where it was told to.
        Assert.True(core.Move(default, new Request(-1).Id, 0, s_other.Id));
    }

    [Fact]
    public void They_are_forgotten_with_the_slot()
    {
        HandoffCore core = Owner();
        MoveAndEnd(core, 1);
        View lost = SlotMapTests.ViewOf(2, s_owner with { State = MemberState.Leaving }, s_other);
        View back = SlotMapTests.ViewOf(3, s_owner, s_other);
        core.Install(default, new ViewHistory([View(), lost], [], ViewTiming.LongAgo));
        core.LetGo(default, [new LostSlot(core.GroupOf("a")!, 0, [])]);
        core.TakeAll();
        core.Install(default, new ViewHistory([View(), lost, back], [], ViewTiming.LongAgo));
        core.Handle(default, s_other.Id, new Released(3, 1, 0, IsLast: true, [new SlotSection(["a"], [new(0, 1)])], []));
        core.TakeAll();
        Assert.Equal(0, core.Awaiting);

        Assert.Contains(Dispatch(core, new Request(1) { IsRecorded = true, Preferred = s_owner.Id }), static output => output.Kind == HandoffOutputKind.Run);
    }

    [Fact]
    public void Who_leaves_is_not_waited_for_because_of_a_way_that_nobody_needs_to_be_flushed()
    {
        // The other has taken the slot over, with two actors on record: one is here, one at a third node. What the former owner sent to both may be on its way.
        Member third = SlotMapTests.Member(3, 1);
        var core = new HandoffCore(s_other.Id, Slots, new HandoffTiming(), HandoffRules.Right);
        View first = SlotMapTests.ViewOf(1, s_owner, s_other, third);
        View leaving = SlotMapTests.ViewOf(2, s_owner with { State = MemberState.Leaving }, s_other, third with { Weight = 0 });
        core.Install(default, new ViewHistory([first], [], ViewTiming.LongAgo));
        (ActorId here, ActorId there) = (new Request(1).Id, new Request(2).Id);
        core.Handle(default, s_owner.Id, new Place(1, here, 0, 1));
        core.Receive(default, s_owner.Id, 1, new Request(1) { ByRecord = true });
        core.Install(default, new ViewHistory([first, leaving], [], ViewTiming.LongAgo));
        core.TakeAll();
        Assert.False(core.IsDoneWith(s_owner.Id)); // It has not released the slot.
        ActorRecord[] records = [new(here, 0, s_other.Id, 1, s_owner.Id, IsEnding: true), new(there, 0, third.Id, 1, s_owner.Id, IsEnding: false)];
        core.Handle(default, s_owner.Id, new Released(2, 1, 0, IsLast: true, [new SlotSection(["a"], [new(0, 1)], 1)], records));
        Assert.Equal(0, core.Awaiting);
        Assert.DoesNotContain(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Send && (output.Peer == s_other.Id || output.Message is FlushRecord)); // Nothing to itself, and no question.

        Assert.True(core.IsDoneWith(s_owner.Id));
        Assert.Contains(Dispatch(core, new Request(1)), static output => output.Kind == HandoffOutputKind.Run);
        Assert.Contains(Dispatch(core, new Request(2)), output => output.Message is FlushRecord && output.Peer == s_owner.Id);
        Assert.False(core.IsDoneWith(s_owner.Id)); // Now that somebody is held up by it.
        core.Handle(default, third.Id, new RecordFlushed(2, there, 0, s_owner.Id));
        Assert.Contains(core.TakeAll(), output => output.Kind == HandoffOutputKind.Forward && output.Peer == third.Id);
        Assert.True(core.IsDoneWith(s_owner.Id));
    }

    /// <summary>An actor that began at the owner, was told to be at the other, has ended, and is called by nobody.</summary>
    private static void MoveAndEnd(HandoffCore core, int number)
    {
        Request request = new(number) { IsRecorded = true, Preferred = s_owner.Id };
        Dispatch(core, request);
        Assert.True(core.Move(default, request.Id, 0, s_other.Id));
        core.Ended(default, request.Id, 0, []);
        core.TakeAll();
    }

    private static View View() => SlotMapTests.ViewOf(1, s_owner, s_other);

    private static HandoffCore Owner()
    {
        var core = new HandoffCore(s_owner.Id, Slots, new HandoffTiming(), HandoffRules.Right);
        core.Install(default, new ViewHistory([View()], [], ViewTiming.LongAgo));
        core.TakeAll();
        return core;
    }

    private static List<HandoffOutput> Dispatch(HandoffCore core, Request request)
    {
        core.Dispatch(default, request);
        return core.TakeAll();
    }

    private sealed class Request(int number) : SlotRequest(new ActorId("a", ActorKey.Of(number)), 0);
}
