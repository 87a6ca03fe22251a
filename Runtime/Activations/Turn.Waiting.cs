using System.Security.Cryptography;
using Kameo.Actors.Calls;
using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Activations;

/// <summary>What a turn waits for. Everything here is the executor's, as the turn is; noting an ask costs a few fields.</summary>
internal abstract partial class Turn
{
    /// <summary>Most asks of a turn that are known at a time; of more, the later ones are not seen, and their deadlines bound them.</summary>
    private const int AsksMax = ProbeRules.AwaitedMax;

    /// <summary>Of this process; starts anywhere, so that turns of different nodes compare at random.</summary>
    private static int s_lastSerial = RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>0: nobody has asked for it yet. Made then, since all threads count in one place.</summary>
    private uint _serial;

    /// <summary>Counts turns and asks alike: no number is given twice.</summary>
    private uint _lastNumber;
    private uint _begun;
    private uint _askNumber;
    private ActorCall? _ask;
    private TurnWaits? _waits;

    /// <summary>Which turn of the process runs in it now.</summary>
    public ulong Number => Named(_begun);

    /// <summary>Whether it runs a call, or waits for the actor to activate.</summary>
    public bool IsRunning => EndsWith is not null;

    /// <summary>What is done when it ends; null between turns.</summary>
    public object? EndsWith => (object?)Call ?? _waits?.Activation;

    /// <summary>The actor and the method, for people.</summary>
    public string Text => $"{Activation.Id}.{(Call?.Method ?? MethodAlone)?.Name ?? nameof(Actor.OnActivateAsync)}";

    /// <summary>What its method, which runs without a call, has forwarded: see <see cref="ActorCall.Forwarded"/>.</summary>
    public object? Forwarded => _waits?.Forwarded;

    /// <summary>Its method forwards an ask.</summary>
    public void Forward(object ask) => (_waits ??= new TurnWaits()).Forwarded = ask;

    /// <summary>An ask is made in it.</summary>
    public void Note(ActorCall ask)
    {
        if (_ask is { } before && before.Waits(Named(_askNumber)))
        {
            NoteMore(before); // It makes several at a time.
        }

        _ask = ask;
        ask.AskId = Named(_askNumber = ++_lastNumber);
    }

    /// <summary>It runs no call but the activation of its actor, which goes on later.</summary>
    public void BeginActivation(Task activating)
    {
        _begun = ++_lastNumber;
        (_waits ??= new TurnWaits()).Activation = activating;
    }

    /// <summary>Its present run, for who looks later and elsewhere whether that is over. On its thread; made once a run, where something has to wait.</summary>
    public TurnRun Run() => (_waits ??= new TurnWaits()).Run ??= new TurnRun(this);

    /// <summary>It is free: what was made in it is over, or nobody's concern.</summary>
    public void Forget()
    {
        if (_ask is not null || _waits is not null)
        {
            ForgetAsks();
        }
    }

    /// <summary>The asks without whose answers it cannot end.</summary>
    public void ReadAwaited(List<ActorCall> into)
    {
        if (EndsWith is not { } end)
        {
            return;
        }

        if (_ask is { } last && last.IsAwaitedBy(Named(_askNumber), end))
        {
            into.Add(last);
        }

        foreach ((ActorCall ask, ulong id) in _waits?.Asks ?? [])
        {
            if (ask.IsAwaitedBy(id, end))
            {
                into.Add(ask);
            }
        }
    }

    /// <summary>A probe has come to it. False if it, or another way of the same attempt, was here last.</summary>
    public bool TryMark(Probe probe)
    {
        TurnWaits waits = _waits ??= new TurnWaits();
        if (waits.LastInitiator == probe.Initiator.Number && waits.LastMark == probe.Mark)
        {
            return false;
        }

        waits.LastInitiator = probe.Initiator.Number;
        waits.LastMark = probe.Mark;
        return true;
    }

    private ulong Named(uint number) => ((ulong)(_serial != 0 ? _serial : MakeSerial()) << 32) | number;

    private uint MakeSerial()
    {
        while (_serial == 0)
        {
            _serial = (uint)Interlocked.Increment(ref s_lastSerial);
        }

        return _serial;
    }

    private void NoteMore(ActorCall before)
    {
        TurnWaits waits = _waits ??= new TurnWaits();
        if (waits.Asks.Count == waits.Asks.Capacity || waits.Asks.Count == AsksMax)
        {
            waits.Asks.RemoveAll(static ask => !ask.Call.Waits(ask.Id));
        }

        if (waits.Asks.Count < AsksMax)
        {
            waits.Asks.Add((before, Named(_askNumber)));
        }
    }

    private void ForgetAsks()
    {
        _ask = null;
        if (_waits is { } waits)
        {
            waits.Activation = null;
            waits.Run?.End();
            waits.Run = null;
            waits.Asks.Clear();
        }
    }

    /// <summary>What few turns need.</summary>
    private sealed class TurnWaits
    {
        /// <summary>Asks made before the last one, and not answered when the next was made.</summary>
        public List<(ActorCall Call, ulong Id)> Asks { get; } = [];

        /// <summary>The activation of the actor, if that is what it runs.</summary>
        public Task? Activation { get; set; }

        /// <inheritdoc cref="Turn.Run"/>
        public TurnRun? Run { get; set; }

        /// <inheritdoc cref="Turn.Forwarded"/>
        public object? Forwarded { get; set; }

        /// <summary>Whose probe was here last, and which.</summary>
        public ulong LastInitiator { get; set; }

        /// <inheritdoc cref="LastInitiator"/>
        public uint LastMark { get; set; }
    }
}
