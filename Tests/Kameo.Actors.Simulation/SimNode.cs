using Kameo.Actors.Simulation.Actors;
using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Messages;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Simulation;

/// <summary>One simulated node: a clock, a process that may die and start anew, the real core in it, and slots on top.</summary>
internal sealed class SimNode
{
    private readonly World _world;
    private readonly SimRandom _random;
    private readonly long _clockOffset;
    private readonly double _clockRate;
    private readonly Dictionary<int, MemberId> _peers = [];
    private long _tickAt = long.MaxValue;
    private byte[]? _disk;

    public SimNode(World world, int index, SimRandom random)
    {
        _world = world;
        _random = random;
        Index = index;
        Address = $"n{index}";
        Span<byte> key = stackalloc byte[PeerId.Bytes];
        random.NextBytes(key);
        key[0] = (byte)((index >> 8) + 1);
        key[1] = (byte)index;
        Peer = new PeerId(key);
        _clockRate = world.Scenario.ClockRates[index];
        _clockOffset = random.Ticks(0, 1e9);
        Actors = new SimActors(world, this, random.Fork(3));
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>Where it is dialled.</summary>
    public string Address { get; }

    /// <summary>Its key.</summary>
    public PeerId Peer { get; }

    /// <summary>The core of the running process; null if none runs.</summary>
    public ViewCore? Core { get; private set; }

    /// <summary>The how-manieth process this is.</summary>
    public int Process { get; private set; }

    /// <summary>Until when it does nothing.</summary>
    public long PausedUntil { get; set; }

    /// <summary>What it said when its cluster halted; null if it did not.</summary>
    public HaltedOutput? Halted { get; private set; }

    /// <summary>Until when it reads what waited in its sockets.</summary>
    public long BacklogUntil { get; private set; }

    /// <summary>How late it handles what it gets.</summary>
    public long Slowness { get; set; }

    /// <summary>Whether it does nothing now.</summary>
    public bool IsPaused => PausedUntil > _world.Now;

    /// <summary>Whether it was asked to leave.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Its actors.</summary>
    public SimActors Actors { get; }

    /// <summary>Its names; null in a run without.</summary>
    private SimNames? Names => _world.Names.Count == 0 ? null : (SimNames)_world.Names[Index];

    /// <summary>Its clock: counts sleep, runs at its own rate.</summary>
    public TimeSpan Clock => new(_clockOffset + (long)(_world.Now * _clockRate));

    /// <summary>The true time at which its clock surely shows a time, whatever the rounding.</summary>
    public long TrueTime(TimeSpan clock) => clock == TimeSpan.MaxValue ? long.MaxValue : (long)Math.Ceiling((clock.Ticks - _clockOffset) / _clockRate) + 1;

    /// <summary>Starts a process.</summary>
    public void Start()
    {
        if (Core is not null)
        {
            return;
        }

        Process++;
        IsLeaving = false;
        Core = new ViewCore(_world.OptionsOf(this), _random.Fork((ulong)Process), Clock, _disk is null ? null : ViewWire.DecodeState(_disk));
        _world.Trace.Write(_world.Now, $"{Name} {(_disk is null ? "starts" : "resumes")} as {Core.Self.Incarnation}");
        _tickAt = long.MaxValue;
        if (_world.Scenario.HasSlots)
        {
            Actors.Start(isResumed: _disk is not null);
        }

        Names?.Start();

        AfterStep();
    }

    /// <summary>Kills the process.</summary>
    public void Kill(bool goodbye = false)
    {
        if (Core is null)
        {
            return;
        }

        _world.Trace.Write(_world.Now, $"{Name} {(goodbye ? "ends" : "dies")}");
        Actors.EndLife(keepsRunning: false);
        Names?.Kill();
        _world.Clients.GatewayEnded(Index);
        Core = null;
        PausedUntil = 0;
        BacklogUntil = 0;
        _world.Network.CloseAll(Index, goodbye);
    }

    /// <summary>The core's deadline may be due.</summary>
    public void Tick()
    {
        if (_tickAt > _world.Now)
        {
            // Planned before an earlier deadline came up, and overtaken by it.
            return;
        }

        _tickAt = long.MaxValue;
        if (Core is { } core)
        {
            if (core.NextDeadline <= Clock)
            {
                core.HandleDeadline(Clock);
            }

            AfterStep();
        }
    }

    public void Receive(int from, object message)
    {
        if (Core is not { } core)
        {
            return;
        }

        if (message is Envelope envelope)
        {
            if (_world.Trace.IsOn && _world.TracesMessage(envelope.Message))
            {
                _world.Trace.Write(_world.Now, $"{Name} <- n{from} {envelope.Message}");
            }

            core.Handle(Clock, envelope);
        }
        else
        {
            Actors.Receive(from, message);
        }

        AfterStep();
    }

    public void ConnectionUp(SimNode other)
    {
        if (Core is { } core && other.Core is { } otherCore)
        {
            core.ConnectionUp(Clock, otherCore.Self, other.Address);
            AfterStep();
        }
    }

    public void ConnectionEnded(int peer, bool goodbye)
    {
        if (Core is not { } core || !_peers.TryGetValue(peer, out MemberId id))
        {
            return;
        }

        core.ConnectionEnded(Clock, id, goodbye);
        AfterStep();
    }

    public void DialFailed(string address, bool refused)
    {
        if (Core is { } core)
        {
            core.DialFailed(Clock, address, refused);
            AfterStep();
        }
    }

    public void Order(Action<ViewCore, TimeSpan> order)
    {
        if (Core is { } core)
        {
            order(core, Clock);
            AfterStep();
        }
    }

    public void Leave()
    {
        IsLeaving = true;
        Order(static (core, now) => core.Leave(now));
    }

    /// <summary>When something that waits in a socket is read, behind all that waits already.</summary>
    public long QueueBehind(long from, Parcel parcel)
    {
        parcel.WasQueued = true;
        BacklogUntil = Math.Max(from, BacklogUntil) + _random.Ticks(0, 0.8);
        return BacklogUntil;
    }

    /// <summary>Its name in the trace.</summary>
    public string Name => Core is null ? Address : $"{Address}/{Core.Self.Incarnation}";

    /// <summary>Remembers whom a connection is with, as the hello of a real one does.</summary>
    public void Greet(int peer, MemberId id) => _peers[peer] = id;

    /// <summary>Takes what the core wants done, checks it, and plans its next deadline.</summary>
    public void AfterStep()
    {
        ViewCore? core = Core;
        while (core is not null && core == Core && core.TryTake(out ViewOutput? output))
        {
            Do(core, output);
        }

        if (Core is not { } present)
        {
            return;
        }

        _world.Checkers.AfterStep(this);
        long at = Math.Max(TrueTime(present.NextDeadline), _world.Now + 1);
        if (at < _tickAt && present.NextDeadline != TimeSpan.MaxValue)
        {
            _tickAt = at;
            _world.Plan(at + Slowness, new SimEvent(SimEventKind.Tick, Index, Process, null));
        }
    }

    private void Do(ViewCore core, ViewOutput output)
    {
        switch (output)
        {
            case SendOutput send:
                if (_world.TryFindNode(send.Envelope.To.Peer, out int to) && _peers.TryGetValue(to, out MemberId present) && present == send.Envelope.To)
                {
                    _world.Network.Send(Index, to, _world.Encode(send.Envelope));
                }

                break;
            case DialOutput dial:
                _world.Network.Dial(Index, _world.NodeAt(dial.Address));
                break;
            case CloseOutput close:
                if (_world.TryFindNode(close.Peer.Peer, out int closed) && _peers.TryGetValue(closed, out MemberId id) && id == close.Peer)
                {
                    _world.Network.Close(Index, closed, goodbye: false);
                    core.ConnectionEnded(Clock, close.Peer, goodbye: false);
                }

                break;
            case PersistOutput persist:
                _disk = World.Encode(persist.State);
                break;
            case InstalledOutput installed:
                _world.Trace.Write(_world.Now, $"{Name} installs {installed.View}");
                _world.Checkers.Installed(this, core, installed.View);
                if (_world.Scenario.HasSlots)
                {
                    Actors.Installed(core);
                }

                Names?.Install(core, installed.View);

                break;
            case LifeEndedOutput ended:
                _world.Trace.Write(_world.Now, $"{Address}/{ended.Ended.Incarnation} {ended.Reason}, goes on as {ended.Next.Incarnation}");
                _world.Checkers.LifeEnded(this, ended);
                _disk = null;
                Actors.EndLife(keepsRunning: true);
                Names?.LifeEnded(ended.Next);
                _world.Clients.GatewayEnded(Index);
                _world.Network.CloseAll(Index, goodbye: true);
                if (ended.Next.IsNone)
                {
                    Core = null;
                }

                break;
            case HaltedOutput halted:
                Halted = halted;
                _world.Trace.Write(_world.Now, $"{Name} halted in {Plain.Epoch(halted.View.Epoch)}, missing {Plain.Ids(halted.MissingStewards)}");
                break;
            case FoundedOutput founded:
                _world.Trace.Write(_world.Now, $"{Name} founds {founded.View.Cluster}{(founded.ReformedFrom.IsNone ? string.Empty : $" in place of {founded.ReformedFrom}")}");
                _world.Checkers.Founded(this, founded);
                break;
            case RefusedOutput refused:
                _world.Trace.Write(_world.Now, $"{Name} is refused: {refused.Reason}");
                break;
            case ForeignClusterOutput foreign:
                _world.Trace.Write(_world.Now, $"{Name} meets cluster {foreign.Other}");
                break;
        }
    }
}
