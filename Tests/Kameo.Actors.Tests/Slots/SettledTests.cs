using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>A joiner counts W from when it came. That a view is settled says that W has passed since every eviction before it: then it waits for no lease of theirs any longer, but for all that it asked for.</summary>
public sealed class SettledTests
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(5);
    private static readonly Member s_old = SlotMapTests.Member(0, 1000);
    private static readonly Member s_bystander = SlotMapTests.Member(1, 1);
    private static readonly Member s_new = SlotMapTests.Member(2, int.MaxValue);
    private static readonly View s_first = SlotMapTests.ViewOf(1, s_old, s_bystander);
    private static readonly View s_joined = SlotMapTests.ViewOf(2, s_old, s_bystander, s_new);
    private static readonly View s_evicted = SlotMapTests.ViewOf(3, s_bystander, s_new);

    private readonly HandoffCore _core = new(s_new.Id, 1, new HandoffTiming(), HandoffRules.Right);

    private SlotState State => _core.GroupOf("a")!.StateOf(0);

    [Fact]
    public void A_lease_is_waited_for_until_it_is_agreed_that_it_has_ended()
    {
        Install(s_first, s_joined, s_evicted);
        _core.Handle(default, s_bystander.Id, new Recovered(3, 1, 0, IsLast: true, Slot(), []));
        Assert.Equal(SlotState.Ask, StateAfter(settled: 2));

        Assert.Equal(SlotState.Owned, StateAfter(settled: 3));
    }

    [Fact]
    public void Who_has_not_said_yet_what_it_has_of_a_slot_is_waited_for_all_the_same()
    {
        Install(s_first, s_joined, s_evicted);
        Assert.Equal(SlotState.Ask, StateAfter(settled: 3));

        _core.Handle(default, s_bystander.Id, new Recovered(3, 1, 0, IsLast: true, Slot(), []));
        _core.TakeAll();
        Assert.Equal(SlotState.Owned, State);
    }

    [Fact]
    public void A_release_is_waited_for_all_the_same()
    {
        Install(s_first, s_joined);
        Assert.Equal(SlotState.Ask, StateAfter(settled: 2));

        _core.Handle(default, s_old.Id, new Released(2, 1, 0, IsLast: true, Slot(), []));
        _core.TakeAll();
        Assert.Equal(SlotState.Owned, State);
    }

    [Fact]
    public void What_waits_for_an_actor_of_a_node_that_is_gone_goes_on()
    {
        var id = new ActorId("a", ActorKey.Of(1));
        Install(s_first, s_joined);
        _core.Handle(default, s_old.Id, new Released(2, 1, 0, IsLast: true, [Slot()[0] with { Acquired = 1 }], [new ActorRecord(id, 0, s_bystander.Id, 1, default, IsEnding: false)]));
        _core.TakeAll();
        Assert.Equal(0, _core.Awaiting);
        View gone = SlotMapTests.ViewOf(3, s_old, s_new);
        _core.Install(default, new ViewHistory([s_first, s_joined, gone], new() { [s_bystander.Id] = s_wait }, ViewTiming.LongAgo));
        var request = new Request(id);
        _core.Dispatch(default, request);
        Assert.DoesNotContain(_core.TakeAll(), output => output.Request == request);

        _core.Settled(default, 3);

        Assert.Contains(_core.TakeAll(), output => output.Request == request);
    }

    [Fact]
    public void A_node_without_a_lease_hears_of_it_before_it_installs_a_view()
    {
        _core.Settled(default, 1);
        Assert.Empty(_core.TakeAll());
    }

    [Fact]
    public void A_view_that_waits_for_the_lease_keeps_what_was_heard_meanwhile()
    {
        var history = new ViewHistory([s_first, s_joined, s_evicted], new() { [s_old.Id] = s_wait }, ViewTiming.LongAgo);
        Assert.Equal(s_wait, history.SettledTo(2).ClearAt(s_old.Id));
        ViewHistory settled = history.SettledTo(3);
        Assert.Equal((ViewTiming.LongAgo, true), (settled.ClearAt(s_old.Id), settled.IsDeparted(s_old.Id)));
        Assert.Same(history, history.SettledTo(4)); // Of a view that it does not have it says nothing.
    }

    private static SlotSection[] Slot() => [new SlotSection(["a"], [new(0, 1)])];

    /// <summary>As a joiner: whoever is in none of the last views departed, and is counted from now.</summary>
    private void Install(params View[] views)
    {
        Dictionary<MemberId, TimeSpan> clearAt = views.SelectMany(static view => view.Members).Select(static member => member.Id).Distinct().Where(id => !views[^1].Contains(id)).ToDictionary(static id => id, static _ => s_wait);
        _core.Install(default, new ViewHistory(views, clearAt, ViewTiming.LongAgo));
        _core.TakeAll();
    }

    private SlotState StateAfter(long settled)
    {
        _core.Settled(default, settled);
        _core.TakeAll();
        return State;
    }

    private sealed class Request(ActorId id) : SlotRequest(id, 0);
}
