using System.Collections.Concurrent;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Deadlocks;

/// <summary>Finds turns that wait for each other, on this node and others: looks, on the node's tick, at activations in which calls wait, and carries probes from ask to ask. Thread safe.</summary>
/// <remarks>
/// An activation gives itself to the watch when its executor has nothing to do though calls wait, and stays for as long as some do. One from which no call was started between two ticks is looked at: at the first such
/// tick, the second, the fourth, and then every <see cref="LookEveryTicksMax"/>. What a look finds goes on at once: within the node as another look, to another node as a tell in an id space of its own. Bound: <see cref="LooksPerTickMax"/>
/// looks between two ticks, whoever asks for them; what is beyond is dropped, and tried again by the initiator's next look.
/// </remarks>
/// <param name="node">The node.</param>
internal sealed class DeadlockWatch(ActorNode node)
{
    private const int LookEveryTicksMax = 8;
    private const int LooksPerTickMax = 4096;

    /// <summary>Most asks to one node that are looked through for one that was passed on.</summary>
    private const int AsksReadMax = 4096;

    private static readonly OutboundTarget s_target = new([IdSpace.Deadlock, DeadlockRouter.Probes]);

    private readonly ConcurrentQueue<Activation> _entering = new();
    private readonly List<Watched> _watched = [];
    private int _looksLeft = LooksPerTickMax;
    private uint _lastMark;
    private long _found;
    private long _looks;

    /// <summary>Asks withdrawn here.</summary>
    public long Found => Interlocked.Read(ref _found);

    /// <summary>Looks that were asked for because calls waited for so long.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    /// <summary>Takes an activation in that has said so by <see cref="Activation.TryWatch"/>.</summary>
    public void Watch(Activation activation) => _entering.Enqueue(activation);

    /// <summary>A number for the probes of one attempt.</summary>
    public uint NextMark() => Interlocked.Increment(ref _lastMark);

    /// <summary>The node's tick.</summary>
    public void Tick()
    {
        Volatile.Write(ref _looksLeft, LooksPerTickMax);
        long now = node.Clock.NowMilliseconds;
        int kept = 0;
        for (int index = 0; index < _watched.Count; index++)
        {
            Watched one = _watched[index];
            if (!IsLeaving(one.Activation))
            {
                one.Activation.WakeHeldBack(now);
                _watched[kept++] = Look(one);
            }
        }

        _watched.RemoveRange(kept, _watched.Count - kept);
        while (_entering.TryDequeue(out Activation? activation))
        {
            _watched.Add(new Watched(activation, activation.StartedCalls, 0));
        }
    }

    /// <summary>Lets a probe follow an ask of a turn here. In that turn's executor.</summary>
    public void Send(Probe probe, ActorCall ask, ulong askId)
    {
        if (ask.SentTo is null)
        {
            Look(ask.Target, new AskName(ask, askId), probe);
        }
        else if (ask.Through is { } connection)
        {
            Send(connection, new DeadlockMessage(ask.Correlation, ask.Target, probe));
        }
    }

    /// <summary>A probe has come from another node, by an ask of it. On a receive loop.</summary>
    public void Receive(Connection from, in DeadlockMessage message)
    {
        if (node.Activations.Of(message.Target).Count == 0
            && ActorRoute.Find(node.Hosts.Current, message.Target) is { } route && (route.IsBySlot ? route.WayToOwner(node) : route.Host.Peer?.Connection) is { } next)
        {
            Relay(from, message, next);
        }
        else
        {
            Look(message.Target, new AskName(from, message.Correlation), message.Probe);
        }
    }

    /// <summary>An ask was withdrawn here.</summary>
    public void Count(string chain)
    {
        Interlocked.Increment(ref _found);
        RuntimeLog.Deadlock(node.Logger, chain);
    }

    private static bool IsLeaving(Activation activation)
    {
        if (activation.HasWaiting)
        {
            return false;
        }

        // Partner: the executor, which takes its mark again when it finds calls waiting after this.
        activation.Unwatch();
        return !activation.HasWaiting || !activation.TryWatch();
    }

    private Watched Look(Watched one)
    {
        long started = one.Activation.StartedCalls;
        if (started != one.StartedCalls && !one.Activation.LetsPass)
        {
            return one with { StartedCalls = started, Ticks = 0 };
        }

        int ticks = one.Ticks + 1;
        if (int.IsPow2(ticks) && TryTakeLook())
        {
            Interlocked.Increment(ref _looks);
            one.Activation.Look(new DeadlockLook(this, one.Activation));
        }

        return one with { StartedCalls = started, Ticks = ticks == LookEveryTicksMax * 2 ? LookEveryTicksMax : ticks };
    }

    private void Look(ActorId target, in AskName ask, Probe probe)
    {
        if (target.ClassName is null)
        {
            return; // It waits for a host.
        }

        foreach (Activation activation in node.Activations.Of(target))
        {
            if (TryTakeLook())
            {
                activation.Look(new DeadlockLook(this, activation, ask, probe));
            }
        }
    }

    /// <summary>This node passed the ask on: so goes the probe.</summary>
    private void Relay(Connection from, in DeadlockMessage message, Connection next)
    {
        if (!TryTakeLook())
        {
            return;
        }

        ulong correlation = message.Correlation;
        var passed = new List<ulong>();
        next.ReadPending(passed, AsksReadMax, ask => ask is ForwardedAsk forwarded && forwarded.Passes(from, correlation) ? ask.Correlation : 0);
        if (passed.Find(static known => known != 0) is var here and not 0)
        {
            Send(next, message with { Correlation = here });
        }
    }

    private bool TryTakeLook() => Interlocked.Decrement(ref _looksLeft) >= 0;

    private void Send(Connection connection, in DeadlockMessage message) => DeadlockTells.Send(node, connection, s_target, message);

    /// <summary>An activation, and since when it has started no call.</summary>
    private readonly record struct Watched(Activation Activation, long StartedCalls, int Ticks);
}
