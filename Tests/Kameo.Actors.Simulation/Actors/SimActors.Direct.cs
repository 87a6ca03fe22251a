using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>
/// Direct ways: the real <see cref="DirectWays"/> on this node's connections, and what drives it: trains of calls of a few actors, which are moved meanwhile. What is chosen here comes from a random source of its own, and in runs without
/// direct ways nothing of it happens.
/// </summary>
/// <remarks>
/// A connection here has no window, and what is given to the shell without one is refused or lost, so nothing ever waits in or for a connection; but that direct ways do not find one for a moment, though what was sent on it arrives, happens now and then. Senders look at a way and send in one step. A node that leaves does not ask whether anybody
/// sends through it: the real one does, by its farewell.
/// </remarks>
internal sealed partial class SimActors : IDirectShell
{
    private static readonly long s_lookAtWaysEvery = TimeSpan.FromMilliseconds(20).Ticks;
    private readonly Dictionary<int, SimLine> _lines = [];
    private readonly SimRandom _directRandom = random.Fork(1);
    private DirectWays? _ways;
    private ActorId _train;
    private bool _looksAtWays;

    /// <summary>Those of the present life.</summary>
    private DirectWays Ways => _ways ??= new DirectWays(this, world.Rules.Handoff) { Limit = world.Ways.Limit, LookForUnusedEvery = world.Ways.LookForUnusedEvery };

    /// <inheritdoc/>
    int IDirectShell.SlotOf(in ActorId id) => Population.SlotOf(id);

    /// <inheritdoc/>
    IDirectLine? IDirectShell.FindLine(in MemberId member) => FindShown(member);

    /// <inheritdoc/>
    bool IDirectShell.MakeReady(IDirectLine line) => true;

    /// <inheritdoc/>
    bool IDirectShell.HasWaiting(IDirectLine line, int slot) => false;

    /// <inheritdoc/>
    void IDirectShell.WaitForSenders()
    {
    }

    /// <inheritdoc/>
    Peer? IDirectShell.PeerOf(in MemberId member) => null;

    /// <inheritdoc/>
    bool IDirectShell.TryForward(in MemberId to, SlotRequest request)
    {
        if (FindShown(to) is null)
        {
            return false;
        }

        Pass((SimCall)request, to, byRecord: false);
        return true;
    }

    private SimLine? FindLine(in MemberId member) => TryFindPeer(member, out int peer) ? _lines[peer] : null;

    /// <summary>The same as senders find it: not while another connection takes its place, and what was sent before is on its way nevertheless.</summary>
    private SimLine? FindShown(in MemberId member) => FindLine(member) is { } line && line.HiddenUntil <= world.Now ? line : null;

    private SimLine LineTo(int peer, in MemberId member) => new(member, note =>
    {
        world.Trace.Write(world.Now, $"{node.Name} -> n{peer} {note.Kind} {note.Id} of {note.Member}, token {note.Token}, stay {note.Stay}");
        world.Data.Send(node.Index, peer, new SimNote(Handoff!.Epoch, world.Encode(note)));
    });

    /// <summary>A call of this node takes the direct way to its actor, if there is one: at a glance if it is open, else by the shell's lock.</summary>
    private bool TryGoDirect(SimCall call)
    {
        if (Ways.Find(call.Id) is not { } way)
        {
            return false;
        }

        if (way.State == DirectWayState.Open && FindShown(way.Host) is not null)
        {
            way.Use();
            call.Stay = way.Stay;
            Pass(call, way.Host, byRecord: false);
            return true;
        }

        world.Ways.Here += way.State == DirectWayState.Here ? 1 : 0;
        bool isTaken = Ways.TryGo(node.Clock, call);
        TakeOutputs();
        return isTaken;
    }

    /// <summary>A request was passed on: who sent it may be told where its actor is.</summary>
    private void HintOf(SimCall call, in MemberId to)
    {
        if (world.Ways.AreTaken && DirectWays.IsToBeHinted(call) && _peers.TryGetValue(call.CameFrom, out MemberId caller) && FindLine(caller) is { } line)
        {
            DirectWays.Hint(node.Clock, line, call.Id, to);
        }
    }

    private void TakeNote(int from, SimNote note)
    {
        if (Handoff is null)
        {
            return;
        }

        world.Ways.Found += note.Note.Kind == DirectNoteKind.Found && note.Note.Stay != 0 ? 1 : 0;
        SimLine line = _lines[from];
        line.PeerEpoch = Math.Max(line.PeerEpoch, note.Epoch);
        Ways.Take(node.Clock, line, note.Note);
        TakeOutputs();
    }

    private void EndWays()
    {
        _ways?.End();
        _ways = null;
        _looksAtWays = false;
    }

    /// <summary>While something is asked, it is looked at often; else as all is.</summary>
    private void PlanLook()
    {
        if (Handoff is not null && Ways.IsAsking && !_looksAtWays)
        {
            _looksAtWays = true;
            world.Plan(world.Now + s_lookAtWaysEvery, new SimEvent(SimEventKind.WaysDue, node.Index, node.Process, null));
        }
    }

    /// <summary>What is asked may have gone unanswered for too long.</summary>
    public void LookAtWays()
    {
        _looksAtWays = false;
        if (Handoff is not null)
        {
            Ways.Look(node.Clock);
            TakeOutputs();
        }
    }

    private void StartDirectWork()
    {
        if (world.Ways.AreTaken)
        {
            world.Plan(world.Now + _directRandom.Ticks(300, 900), new SimEvent(SimEventKind.DirectWork, node.Index, node.Process, 0));
        }
    }

    /// <summary>One call of a train, or the beginning of one; now and then the actor is moved.</summary>
    /// <param name="left">How many calls of the train are left.</param>
    public void DirectWork(int left)
    {
        if (left == 0)
        {
            left = _directRandom.Next(3, 9);
            _train = _directRandom.Pick(world.Ways.Favourites);
        }

        // Its turns, suspended ones too, are to keep up.
        long wait = left > 1 ? _directRandom.Ticks(0.1, _directRandom.Chance(0.2) ? 60 : 8) : world.IsHealed ? _directRandom.Ticks(3000, 12000) : _directRandom.Ticks(200, 3000);
        world.Plan(world.Now + wait, new SimEvent(SimEventKind.DirectWork, node.Index, node.Process, left - 1));
        if (Handoff is { } handoff && node.Core!.Installed.Members.Count > 0 && _directRandom.Chance(0.08))
        {
            handoff.Move(node.Clock, _train, Population.SlotOf(_train), _directRandom.Pick(node.Core.Installed.Members).Id);
            TakeOutputs();
        }

        if (_directRandom.Chance(0.1) && Handoff is not null && _peers.Count > 0)
        {
            _lines[_directRandom.Pick([.. _peers.Keys])].HiddenUntil = world.Now + _directRandom.Ticks(1, 200);
        }

        Call(_train, _directRandom.Chance(0.4));
    }
}
