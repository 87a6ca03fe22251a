using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Slots;

/// <summary>Calls that go straight to where an actor is, while the connection to there is being replaced by another one.</summary>
public sealed class DirectWaysTests
{
    private static readonly Member s_owner = SlotMapTests.Member(0, int.MaxValue);
    private static readonly Member s_host = SlotMapTests.Member(1, 1);
    private static readonly MemberId s_caller = SlotMapTests.Member(2, 1).Id;
    private static readonly View s_view = SlotMapTests.ViewOf(1, s_owner, s_host);
    private static readonly TimeSpan s_aWhile = TimeSpan.FromSeconds(2);

    private readonly HandoffCore _core = new(s_caller, 1, new HandoffTiming(), HandoffRules.Right);
    private readonly Shell _shell = new();
    private readonly DirectWays _ways;
    private readonly DirectWay _way;

    /// <summary>A caller that has sent one call by the owner, and then has found the actor.</summary>
    public DirectWaysTests()
    {
        _ways = new DirectWays(_shell, HandoffRules.Right);
        _ways.Begin(_core);
        _core.Install(default, new ViewHistory([s_view], [], ViewTiming.LongAgo));
        _ways.Note(s_view);
        _core.Dispatch(default, new Request(1));
        Assert.Equal([1], ByOwner());
        Line owner = _shell.Connect(s_owner.Id);
        Line host = _shell.Connect(s_host.Id);
        _ways.Take(default, owner, new DirectNote(DirectNoteKind.Hint, Request.Actor, s_host.Id));
        _ways.Take(default, host, owner.Sent.Single() with { Kind = DirectNoteKind.Found, Stay = 7 });
        _way = _ways.Find(Request.Actor)!;
        Assert.Equal(DirectWayState.Open, _way.State);
    }

    [Fact]
    public void Calls_wait_for_the_connection_that_takes_over_and_go_in_order()
    {
        Go(2);
        _shell.Disconnect(s_host.Id);
        Go(3);
        Go(4);
        Assert.Equal((DirectWayState.Waiting, true), (_way.State, _ways.IsAsking));
        Assert.Equal([2], _shell.Forwarded);
        Assert.True(_ways.LeadTo(s_host.Id)); // What went there may still arrive.

        _shell.Connect(s_host.Id).IsReady = false; // Something else goes there first.
        _ways.Connected(default, s_host.Id);
        Go(5);
        Assert.Equal([2], _shell.Forwarded);
        _shell.Connect(s_host.Id);
        _ways.Look(TimeSpan.FromMilliseconds(20));
        Go(6);
        Assert.Equal([2, 3, 4, 5, 6], _shell.Forwarded);
        Assert.Equal((DirectWayState.Open, false), (_way.State, _ways.IsAsking));
        Assert.Empty(ByOwner());
    }

    [Fact]
    public void When_the_connection_ends_and_none_takes_over_they_go_by_the_owner()
    {
        _shell.Disconnect(s_host.Id);
        Go(2);
        Go(3);
        Assert.Empty(ByOwner());
        _ways.ConnectionEnded(default, s_host.Id);
        Assert.Equal([2, 3], ByOwner());
        Assert.Null(_ways.Find(Request.Actor));
    }

    [Fact]
    public void One_whose_time_has_passed_waits_no_longer()
    {
        _shell.Disconnect(s_host.Id);
        Go(2, s_aWhile);
        Go(3);
        _ways.Look(s_aWhile);
        HandoffOutput refused = Assert.Single(_core.TakeAll());
        Assert.Equal((HandoffOutputKind.Refuse, Refusal.Expired, 2), (refused.Kind, refused.Refusal, ((Request)refused.Request!).Number));
        _shell.Connect(s_host.Id);
        _ways.Connected(s_aWhile, s_host.Id);
        Assert.Equal([3], _shell.Forwarded);
    }

    private void Go(int number, TimeSpan? deadline = null) => Assert.True(_ways.TryGo(default, new Request(number) { Deadline = deadline ?? TimeSpan.MaxValue }));

    /// <summary>What has been sent to the owner since; ends of ways are told as a shell would.</summary>
    private int[] ByOwner()
    {
        List<int> sent = [];
        foreach (HandoffOutput output in _core.TakeAll())
        {
            if (output.Kind == HandoffOutputKind.Forward)
            {
                Assert.Equal((s_owner.Id, 0u), (output.Peer, output.Request!.Stay));
                sent.Add(((Request)output.Request).Number);
            }
            else if (output.Kind == HandoffOutputKind.WayClosed)
            {
                _ways.EndClose(default, output.Id);
            }
        }

        return [.. sent];
    }

    private sealed class Request(int number) : SlotRequest(Actor, 0)
    {
        public static ActorId Actor { get; } = new("a", ActorKey.Of(1));

        public int Number => number;
    }

    private sealed class Line(MemberId member) : IDirectLine
    {
        public MemberId Member => member;

        public long PeerEpoch => s_view.Epoch;

        public ActorId HintedOf { get; set; }

        public TimeSpan HintedAt { get; set; }

        public bool IsReady { get; set; } = true;

        public List<DirectNote> Sent { get; } = [];

        public void Put(in DirectNote note) => Sent.Add(note);
    }

    private sealed class Shell : IDirectShell
    {
        private readonly Dictionary<MemberId, Line> _lines = [];

        public List<int> Forwarded { get; } = [];

        public Line Connect(in MemberId member) => _lines[member] = new Line(member);

        public void Disconnect(in MemberId member) => _lines.Remove(member);

        public int SlotOf(in ActorId id) => 0;

        public IDirectLine? FindLine(in MemberId member) => _lines.GetValueOrDefault(member);

        public bool MakeReady(IDirectLine line) => ((Line)line).IsReady;

        public bool HasWaiting(IDirectLine line, int slot) => false;

        public void WaitForSenders()
        {
        }

        public Peer? PeerOf(in MemberId member) => null;

        public bool TryForward(in MemberId to, SlotRequest request)
        {
            if (FindLine(to) is not { } line || !MakeReady(line))
            {
                return false;
            }

            Assert.Equal(7u, request.Stay);
            Forwarded.Add(((Request)request).Number);
            return true;
        }
    }
}
