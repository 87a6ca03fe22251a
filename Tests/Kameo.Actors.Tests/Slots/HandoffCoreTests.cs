using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>What the simulation does not look at: published states, parts of long answers, bounds.</summary>
public sealed class HandoffCoreTests
{
    private const int Slots = 1;
    private static readonly Member s_old = SlotMapTests.Member(0, 1);
    private static readonly Member s_new = SlotMapTests.Member(1, int.MaxValue);
    private static readonly View s_first = SlotMapTests.ViewOf(1, s_old);
    private static readonly View s_second = SlotMapTests.ViewOf(2, s_old, s_new);

    [Fact]
    public void A_founder_owns_at_once_and_says_so_behind_its_outputs()
    {
        HandoffCore core = Core(s_old);

        core.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        TypeGroup group = core.GroupOf("a")!;

        Assert.Equal(SlotState.Ask, group.StateOf(0));
        List<HandoffOutput> outputs = core.TakeAll();
        Assert.Equal(SlotState.Owned, group.StateOf(0));
        Assert.Contains(outputs, static output => output is { Kind: HandoffOutputKind.Released, Number: 1 });
    }

    [Fact]
    public void A_slot_that_is_lost_is_no_longer_owned_before_anybody_is_told()
    {
        HandoffCore core = Core(s_old);
        core.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        core.TakeAll();

        core.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));

        Assert.Equal(SlotState.Ask, core.GroupOf("a")!.StateOf(0));
        core.Handle(default, s_new.Id, new AskRelease(2, Ask()));
        Assert.DoesNotContain(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Send);
        core.LetGo(default, [new LostSlot(core.GroupOf("a")!, 0, [])]);
        Assert.Contains(core.TakeAll(), static output => output.Message is Released { IsLast: true });
    }

    [Fact]
    public void A_slot_is_released_as_soon_as_it_is_let_go_and_waits_for_no_other()
    {
        HandoffCore old = new(s_old.Id, 2, new HandoffTiming(), HandoffRules.Right);
        HandoffCore next = new(s_new.Id, 2, new HandoffTiming(), HandoffRules.Right);
        old.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        old.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        next.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        TypeGroup lost = old.GroupOf("a")!;
        old.TakeAll();
        AskRelease ask = next.TakeAll().Select(static output => output.Message).OfType<AskRelease>().Single();

        old.Handle(default, s_new.Id, ask);
        Assert.DoesNotContain(old.TakeAll(), static output => output.Message is Released);
        Tell(LetGo(1));
        Assert.Equal(SlotState.Owned, next.GroupOf("a")!.StateOf(1));
        Assert.Equal(SlotState.Ask, next.GroupOf("a")!.StateOf(0));
        Assert.Equal(1, old.LettingGo);

        // Who asks again meanwhile is told of what was let go, and of the rest when it is.
        old.Handle(default, s_new.Id, ask);
        Assert.Equal([new(1, 1)], Assert.Single(Releases(old.TakeAll()).Single().Sections).Ranges);
        Released last = LetGo(0);
        Assert.Equal([new(0, 1)], Assert.Single(last.Sections).Ranges);
        Tell(last);
        Assert.Equal(SlotState.Owned, next.GroupOf("a")!.StateOf(0));
        Assert.Equal(0, next.Awaiting);

        Released LetGo(int slot)
        {
            old.LetGo(default, [new LostSlot(lost, slot, [])]);
            return Releases(old.TakeAll()).Single();
        }

        void Tell(Released released)
        {
            next.Handle(default, s_old.Id, released);
            next.TakeAll();
        }

        static IEnumerable<Released> Releases(List<HandoffOutput> outputs) => outputs.Select(static output => output.Message).OfType<Released>();
    }

    [Fact]
    public void Nobody_is_told_of_slots_that_it_did_not_ask_for()
    {
        HandoffCore old = Core(s_old);
        old.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        old.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        old.TakeAll();

        old.LetGo(default, [new LostSlot(old.GroupOf("a")!, 0, [])]);

        Assert.DoesNotContain(old.TakeAll(), static output => output.Kind == HandoffOutputKind.Send); // It may not have the view yet, and asks when it has.
    }

    [Fact]
    public void What_an_actor_leaves_that_ends_before_its_slot_is_let_go_is_told_with_the_release()
    {
        ActorId id = new Request().Id;
        HandoffCore old = Core(s_old);
        old.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        old.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        old.Handle(default, s_new.Id, new AskRelease(2, Ask()));

        old.Ended(default, id, 0, [new Request()]);
        old.LetGo(default, [new LostSlot(old.GroupOf("a")!, 0, [])]);

        Released released = old.TakeAll().Select(static output => output.Message).OfType<Released>().Single();
        Assert.Equal((id, s_old.Id, true), (released.Records.Single().Id, released.Records.Single().Host, released.Records.Single().IsEnding));
    }

    [Fact]
    public void What_came_by_record_for_an_actor_that_is_gone_does_not_pass_what_was_sent_back_before()
    {
        Member host = SlotMapTests.Member(2, 1);
        Member next = SlotMapTests.Member(3, int.MaxValue);
        View first = SlotMapTests.ViewOf(1, s_new, host);
        View second = SlotMapTests.ViewOf(2, s_new with { State = MemberState.Leaving }, host, next);
        HandoffCore core = Core(host);
        core.Install(default, new ViewHistory([first], [], ViewTiming.LongAgo));
        core.Receive(default, s_new.Id, 1, new Request { ByRecord = true });
        Assert.Equal(s_new.Id, Forwards(core).Single().Peer);
        core.Install(default, new ViewHistory([first, second], [], ViewTiming.LongAgo));
        Flush flush = core.TakeAll().Select(static output => output.Message).OfType<Flush>().Single();

        core.Receive(default, s_new.Id, 1, new Request { ByRecord = true });
        Assert.Empty(Forwards(core));
        core.Handle(default, next.Id, new Flushed(2, ["a"], 0, flush.Token));

        Assert.Equal(next.Id, Forwards(core).Single().Peer);

        static IEnumerable<HandoffOutput> Forwards(HandoffCore core) => core.TakeAll().Where(static output => output.Kind == HandoffOutputKind.Forward);
    }

    [Fact]
    public void Who_departed_and_is_a_member_again_is_answered()
    {
        HandoffCore core = Core(s_old);
        core.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        core.TakeAll();

        // Admitted, evicted before it knew, and admitted again as the same incarnation.
        View again = SlotMapTests.ViewOf(4, s_old, s_new);
        core.Install(default, new ViewHistory([s_first, s_second, SlotMapTests.ViewOf(3, s_old), again], new() { [s_new.Id] = TimeSpan.FromSeconds(5) }, ViewTiming.LongAgo));
        core.LetGo(default, [new LostSlot(core.GroupOf("a")!, 0, [])]);
        core.TakeAll();
        core.Handle(default, s_new.Id, new AskRelease(4, Ask()));

        Assert.Contains(core.TakeAll(), static output => output.Message is Released { IsLast: true });
    }

    [Fact]
    public void A_long_answer_comes_in_parts_and_counts_with_the_last()
    {
        const int Busy = (HandoffLimits.RecordsPerFrameMax * 3) + 1;
        HandoffCore old = Core(s_old);
        old.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        old.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        old.LetGo(default, [new LostSlot(old.GroupOf("a")!, 0, [.. Enumerable.Range(0, Busy).Select(static key => new ActorId("a", ActorKey.Of(key)))])]);
        old.TakeAll();
        old.Handle(default, s_new.Id, new AskRelease(2, Ask()));
        Released[] parts = [.. old.TakeAll().Select(static output => output.Message).OfType<Released>()];
        HandoffCore next = Core(s_new);
        next.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));

        Assert.Equal(4, parts.Length);
        Assert.All(parts, static part => Assert.True(part.Records.Count <= HandoffLimits.RecordsPerFrameMax));
        foreach (Released part in parts)
        {
            Assert.Equal(1, next.Awaiting);
            next.Handle(default, s_old.Id, part);
        }

        Assert.Equal(0, next.Awaiting);
        Assert.Equal(s_old.Id, next.HostOf(new ActorId("a", ActorKey.Of(Busy - 1)), 0));
        Assert.Equal(s_new.Id, next.HostOf(new ActorId("a", ActorKey.Of(Busy)), 0));
    }

    [Fact]
    public void A_part_out_of_line_drops_the_answer()
    {
        HandoffCore next = Core(s_new);
        next.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));

        next.Handle(default, s_old.Id, new Released(2, 1, 0, IsLast: false, [], []));
        next.Handle(default, s_old.Id, new Released(2, 1, 2, IsLast: true, Ask(), []));

        Assert.Equal(1, next.Awaiting);
    }

    [Fact]
    public void What_is_held_is_bounded_and_expires()
    {
        HandoffCore next = Core(s_new);
        next.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        for (int i = 0; i < HandoffLimits.HeldMax; i++)
        {
            next.Dispatch(default, new Request { Deadline = TimeSpan.FromSeconds(1) });
        }

        next.TakeAll();
        next.Dispatch(default, new Request());

        Assert.Equal(Refusal.Overloaded, Assert.Single(next.TakeAll(), static output => output.Kind == HandoffOutputKind.Refuse).Refusal);
        next.HandleDeadline(TimeSpan.FromSeconds(2));
        Assert.Equal(HandoffLimits.HeldMax, next.TakeAll().Count(static output => output is { Kind: HandoffOutputKind.Refuse, Refusal: Refusal.Expired }));
        Assert.Equal(0, next.Held);
    }

    [Fact]
    public void What_waits_for_a_view_that_never_comes_expires()
    {
        HandoffCore core = Core(s_old);
        core.Install(default, new ViewHistory([s_first], [], ViewTiming.LongAgo));
        core.TakeAll();
        core.Receive(default, s_new.Id, 2, new Request { Deadline = TimeSpan.FromSeconds(1) });
        core.Receive(default, s_new.Id, 2, new Request { Deadline = TimeSpan.FromSeconds(3) });
        Assert.DoesNotContain(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Refuse);

        Assert.True(core.NextDeadline < TimeSpan.FromSeconds(1));
        core.HandleDeadline(TimeSpan.FromSeconds(2));
        Assert.Equal(Refusal.Expired, Assert.Single(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Refuse).Refusal);
        Assert.False(core.IsEmpty);
        core.HandleDeadline(core.NextDeadline + TimeSpan.FromSeconds(2));
        Assert.Equal(Refusal.Expired, Assert.Single(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Refuse).Refusal);
        Assert.True(core.IsEmpty);
        Assert.Equal(TimeSpan.MaxValue, core.NextDeadline);
    }

    [Fact]
    public void What_a_node_sent_ahead_that_is_gone_from_the_views_is_dropped()
    {
        HandoffCore core = Core(s_old);
        core.Install(default, new ViewHistory([s_first, s_second], [], ViewTiming.LongAgo));
        core.Receive(default, s_new.Id, 9, new Request());
        core.Handle(default, s_new.Id, new AskRelease(9, Ask()));
        core.Install(default, new ViewHistory([s_first, s_second, SlotMapTests.ViewOf(3, s_old)], new() { [s_new.Id] = TimeSpan.FromSeconds(5) }, ViewTiming.LongAgo));
        core.TakeAll();

        core.HandleDeadline(core.NextDeadline);

        Assert.Equal(Refusal.NotServing, Assert.Single(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Refuse).Refusal);
        Assert.True(core.IsEmpty);
    }

    private static HandoffCore Core(Member self) => new(self.Id, Slots, new HandoffTiming(), HandoffRules.Right);

    private static SlotSection[] Ask() => [new SlotSection(["a"], [new(0, 1)])];

    private sealed class Request() : SlotRequest(new ActorId("a", ActorKey.Of(1)), 0);
}
