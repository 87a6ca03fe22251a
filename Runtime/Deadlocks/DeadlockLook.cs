using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Deadlocks;

/// <summary>One look at an activation, in its executor: starts probes at the turns that bar asks, or lets a probe go on that has come by one ask.</summary>
internal sealed class DeadlockLook
{
    private readonly DeadlockWatch _watch;
    private readonly Activation _activation;
    private readonly AskName _ask;
    private readonly Probe? _probe;
    private readonly List<ActorCall> _awaited = [];
    private readonly List<ActorCall> _awaitedHere = [];
    private readonly List<Probe> _onward = [];

    /// <summary>A look that starts probes.</summary>
    public DeadlockLook(DeadlockWatch watch, Activation activation)
    {
        _watch = watch;
        _activation = activation;
    }

    /// <summary>A look for a probe that follows an ask.</summary>
    public DeadlockLook(DeadlockWatch watch, Activation activation, in AskName ask, Probe probe)
        : this(watch, activation)
    {
        _ask = ask;
        _probe = probe;
    }

    /// <summary>Looks.</summary>
    public void Run()
    {
        if (_probe is null)
        {
            Start();
        }
        else if (Follow(_probe))
        {
            string chain = _probe.Chain;
            if (_activation.Withdraw(_ask, new Fault(FaultCode.Deadlock, chain)))
            {
                _watch.Count(chain);
            }
        }

        foreach (Probe probe in _onward)
        {
            ulong id = probe.Current.Ask;
            if (_awaited.Find(ask => ask.Waits(id)) is { } ask)
            {
                _watch.Send(probe, ask, id);
            }
        }
    }

    private void Start()
    {
        var turns = new List<Turn>();
        _activation.ReadBarring(turns);
        foreach (Turn turn in turns)
        {
            ProbeRules.Start(SightOf(turn, isBarring: true), _watch.NextMark(), _onward);
        }
    }

    private bool Follow(Probe probe)
    {
        var turns = new List<(Turn Turn, bool IsBarring)>();
        _activation.ReadTurnsOf(_ask, turns);
        var sights = new List<TurnSight>(turns.Count);
        foreach ((Turn turn, bool isBarring) in turns)
        {
            TurnSight sight = SightOf(turn, isBarring);
            if (probe.IsConfirming || sight.Turn == probe.Initiator || turn.TryMark(probe))
            {
                sights.Add(sight); // Where an attempt has been by another way it need not go again.
            }
        }

        return ProbeRules.Follow(probe, sights, _onward);
    }

    private TurnSight SightOf(Turn turn, bool isBarring)
    {
        _awaitedHere.Clear();
        turn.ReadAwaited(_awaitedHere);
        _awaited.AddRange(_awaitedHere);
        string text = turn.Text;
        return new TurnSight(
            new TurnId(_activation.Node.Id, turn.Number),
            isBarring,
            [.. _awaitedHere.Select(static ask => ask.AskId)],
            text.Length <= DeadlockMessage.TextLengthMax ? text : text[..DeadlockMessage.TextLengthMax]);
    }
}
