using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>The order of a sender's requests while the slot's owner changes twice, the second time to the sender itself.</summary>
public sealed class WayTests
{
    private static readonly Member s_first = SlotMapTests.Member(0, 1);
    private static readonly Member s_second = SlotMapTests.Member(1, 1 << 15);
    private static readonly Member s_self = SlotMapTests.Member(2, int.MaxValue);
    private static readonly Member s_other = SlotMapTests.Member(3, 1) with { State = MemberState.Joining };
    private static readonly View[] s_views =
    [
        SlotMapTests.ViewOf(1, s_first, s_second with { State = MemberState.Joining }, s_self with { State = MemberState.Joining }, s_other),
        SlotMapTests.ViewOf(2, s_first, s_second, s_self with { State = MemberState.Joining }, s_other),
        SlotMapTests.ViewOf(3, s_first, s_second, s_self, s_other),
    ];

    [Fact]
    public void What_others_bring_back_goes_before_what_was_made_since()
    {
        HandoffCore core = Begin(out Request sent, out Flush flush);

        // Made behind the flush, so after what is under way by the first owner and the second, which sends it here.
        core.Dispatch(default, new Request(2));
        core.Receive(default, s_second.Id, 3, sent);
        core.Dispatch(default, new Request(3));
        core.Handle(default, s_second.Id, flush with { Epoch = 3 });
        core.Handle(default, s_second.Id, new Released(3, 1, 0, IsLast: true, [new SlotSection(["a"], [new(0, 1)], Acquired: 2)], []));
        core.Dispatch(default, new Request(4));

        Assert.Equal([1, 2, 3, 4], Ran(core));
        Assert.Equal(0, core.Held);
    }

    [Fact]
    public void What_another_node_sent_here_stays_in_its_order()
    {
        HandoffCore core = Begin(out _, out Flush flush);
        core.Dispatch(default, new Request(1) { Deadline = TimeSpan.FromSeconds(1) });
        core.Receive(default, s_other.Id, 3, new Request(5));
        core.Receive(default, s_second.Id, 3, new Request(6));
        core.Dispatch(default, new Request(2));
        core.Receive(default, s_other.Id, 3, new Request(7));

        // One that expires takes its place with it, and no other.
        core.HandleDeadline(TimeSpan.FromSeconds(2));
        core.Receive(default, s_other.Id, 3, new Request(8));
        core.Handle(default, s_second.Id, flush with { Epoch = 3 });
        core.Handle(default, s_second.Id, new Released(3, 1, 0, IsLast: true, [new SlotSection(["a"], [new(0, 1)], Acquired: 2)], []));

        Assert.Equal([5, 6, 7, 8, 2], Ran(core));
    }

    [Fact]
    public void What_an_actor_left_that_ended_here_goes_before_what_its_former_owner_sends_to_it_still()
    {
        var core = new HandoffCore(s_self.Id, 1, new HandoffTiming(), HandoffRules.Right);
        core.Install(default, new ViewHistory([s_views[0]], [], ViewTiming.LongAgo));
        core.Handle(default, s_first.Id, new Place(1, new Request(1).Id, 0, 1));
        Request[] sent = [.. Enumerable.Range(1, 3).Select(static number => new Request(number, of: 1))];
        Array.ForEach(sent, one => core.Dispatch(default, one)); // By the owner, whose record brings them back.
        core.TakeAll();
        core.Receive(default, s_first.Id, 1, sent[0].ByOwner());
        Assert.Equal([1], Ran(core));

        core.Install(default, new ViewHistory([s_views[0], SlotMapTests.ViewOf(2, s_first, s_second, s_self, s_other)], [], ViewTiming.LongAgo));
        Flush flush = core.TakeAll().Select(static output => output.Message).OfType<Flush>().Single();
        core.Ended(default, sent[0].Id, 0, [sent[0]]);
        core.Receive(default, s_first.Id, 1, sent[1].ByOwner());
        core.Receive(default, s_first.Id, 1, sent[2].ByOwner());
        core.Dispatch(default, new Request(4, of: 1));
        core.Handle(default, s_first.Id, flush);
        core.Handle(default, s_first.Id, new Released(2, 1, 0, IsLast: true, [new SlotSection(["a"], [new(0, 1)], Acquired: 1)], [new ActorRecord(sent[0].Id, 0, s_self.Id, 1, default, IsEnding: false)]));

        Assert.Equal([1, 2, 3, 4], Ran(core));
        Assert.Equal(0, core.Held);
    }

    [Fact]
    public void What_nobody_answers_is_asked_again_at_growing_intervals_and_soon_when_a_connection_has_ended()
    {
        HandoffCore core = Begin(out _, out _);
        core.TakeAll();
        Assert.Equal([250, 750, 1750, 3750, 5750], AskedUntil(core, 6000));
        core.ConnectionEnded(TimeSpan.FromMilliseconds(6000), s_other.Id);
        Assert.Equal([6250, 6750, 7750], AskedUntil(core, 9000));
    }

    /// <summary>When it asked, in milliseconds.</summary>
    private static List<int> AskedUntil(HandoffCore core, int end)
    {
        List<int> asked = [];
        for (TimeSpan now = core.NextDeadline; now.TotalMilliseconds < end; now = core.NextDeadline)
        {
            core.HandleDeadline(now);
            HandoffMessage[] sent = [.. core.TakeAll().Where(static output => output.Kind == HandoffOutputKind.Send).Select(static output => output.Message!)];
            Assert.Equal(sent.OfType<Flush>().Any(), sent.OfType<AskRelease>().Any()); // All that is asked at a time.
            if (sent.Length != 0)
            {
                asked.Add((int)now.TotalMilliseconds);
            }
        }

        return asked;
    }

    /// <summary>A sender in the third view, by which it owns the slot, with one request on its way and its flush behind that.</summary>
    private static HandoffCore Begin(out Request sent, out Flush flush)
    {
        var core = new HandoffCore(s_self.Id, 1, new HandoffTiming(), HandoffRules.Right);
        core.Install(default, new ViewHistory([s_views[0]], [], ViewTiming.LongAgo));
        sent = new Request(1);
        core.Dispatch(default, sent);
        Assert.Equal(s_first.Id, Assert.Single(core.TakeAll(), static output => output.Kind == HandoffOutputKind.Forward).Peer);
        core.Install(default, new ViewHistory(s_views[..2], [], ViewTiming.LongAgo));
        flush = core.TakeAll().Select(static output => output.Message).OfType<Flush>().Single();
        core.Install(default, new ViewHistory(s_views, [], ViewTiming.LongAgo));
        return core;
    }

    private static IEnumerable<int> Ran(HandoffCore core) => [.. core.TakeAll().Where(static output => output.Kind == HandoffOutputKind.Run).Select(static output => ((Request)output.Request!).Number)];

    private sealed class Request(int number, int? of = null) : SlotRequest(new ActorId("a", ActorKey.Of(of ?? number)), 0)
    {
        public int Number => number;

        /// <summary>As the owner sends it on to where the actor is.</summary>
        public Request ByOwner()
        {
            ByRecord = true;
            return this;
        }
    }
}
