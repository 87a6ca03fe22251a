using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>A model of actors that ask each other, one turn at a time each, and of the probes among them: what happens next is a seed's choice, and the time of everything that happened is kept for the checker.</summary>
internal sealed class WaitWorld(int seed, int actors, bool trustsOneRound = false)
{
    private readonly Random _random = new(seed);
    private readonly Actor[] _actors = [.. Enumerable.Range(0, actors).Select(static _ => new Actor())];
    private readonly Dictionary<ulong, Ask> _asks = [];
    private readonly List<Probe> _probes = [];
    private ulong _lastNumber;
    private uint _lastMark;

    public long Now { get; private set; }

    /// <summary>Asks withdrawn.</summary>
    public int Reports { get; private set; }

    /// <summary>Of those, how many were in no circle at any moment since their probe set out.</summary>
    public int FalseReports { get; private set; }

    /// <summary>Turns that have not ended, and asks that have not started.</summary>
    public int Left => _actors.Count(static actor => actor.Running is not null) + _actors.Sum(static actor => actor.Mailbox.Count);

    /// <summary>Something happens.</summary>
    public void Step()
    {
        Now++;
        Actor actor = _actors[_random.Next(_actors.Length)];
        switch (_random.Next(12))
        {
            case 0:
                Send(null, actor);
                break;
            case 1 or 2 when actor.Running is { Awaited.Count: 0 } turn:
                for (int count = _random.Next(1, 3); count > 0; count--)
                {
                    Send(turn, _actors[_random.Next(_actors.Length)]);
                }

                break;
            case 3 when actor.Running is { Awaited.Count: > 0 } turn && _random.Next(4) == 0:
                Answer(turn.Awaited[_random.Next(turn.Awaited.Count)]); // Given up by its caller: it runs all the same.
                break;
            case 4 when _probes.Count > 0 && _random.Next(8) == 0:
                _probes.RemoveAt(_random.Next(_probes.Count));
                break;
            case 5 or 6 or 7 when _probes.Count > 0:
                Deliver(_random.Next(_probes.Count));
                break;
            case 8:
                StartProbes(actor);
                break;
            default:
                Progress(actor);
                break;
        }
    }

    /// <summary>Nothing new is begun or given up; what can go on does, and probes arrive.</summary>
    public void Settle()
    {
        foreach (Actor actor in _actors)
        {
            Now++;
            Progress(actor);
            StartProbes(actor);
        }

        while (_probes.Count > 0)
        {
            Now++;
            Deliver(0);
        }
    }

    private void Send(Turn? from, Actor to)
    {
        var ask = new Ask(++_lastNumber, from, to) { Made = Now };
        _asks.Add(ask.Number, ask);
        from?.Awaited.Add(ask);
        to.Mailbox.Add(ask);
    }

    private void Progress(Actor actor)
    {
        if (actor.Running is null && actor.Mailbox is [var first, ..])
        {
            actor.Mailbox.RemoveAt(0);
            actor.Running = new Turn(new TurnId(default, (ulong)_random.NextInt64()), actor, first) { Begun = Now };
            first.Started = Now;
            first.RunsIn = actor.Running;
        }
        else if (actor.Running is { Awaited.Count: 0 } turn)
        {
            turn.Ended = Now;
            actor.Running = null;
            Answer(turn.Call);
        }
    }

    private void Answer(Ask ask)
    {
        ask.Ended = Math.Min(ask.Ended, Now);
        ask.From?.Awaited.Remove(ask);
    }

    private void StartProbes(Actor actor)
    {
        if (actor.Running is { } turn && actor.Mailbox.Exists(static ask => ask.From is not null))
        {
            ProbeRules.Start(turn.Sight(isBarring: true), ++_lastMark, _probes);
        }
    }

    private void Deliver(int index)
    {
        Probe probe = _probes[index];
        _probes.RemoveAt(index);
        Ask ask = _asks[probe.Current.Ask];
        bool isQueued = ask.To.Mailbox.Contains(ask);
        List<TurnSight> turns =
            isQueued && ask.To.Running is { } barring ? [barring.Sight(isBarring: true)]
            : ask.RunsIn is { } runs && runs.Actor.Running == runs ? [runs.Sight(isBarring: false)]
            : [];
        int before = _probes.Count;
        bool withdraws = ProbeRules.Follow(probe, turns, _probes);
        if (trustsOneRound && _probes.Count > before && _probes[^1] is { IsConfirming: true, Position: 0 } && !probe.IsConfirming)
        {
            _probes.RemoveAt(_probes.Count - 1);
            withdraws = true;
        }

        if (withdraws)
        {
            Reports++;
            FalseReports += WasCircle(probe) ? 0 : 1;
            Assert.True(isQueued);
            ask.To.Mailbox.Remove(ask);
            Answer(ask);
        }
    }

    /// <summary>Whether all edges of the path were there at one moment.</summary>
    private bool WasCircle(Probe probe)
    {
        long from = 0;
        long until = long.MaxValue;
        for (int index = 0; index < probe.Path.Length; index++)
        {
            ProbeStep next = probe.Path[(index + 1) % probe.Path.Length];
            Ask ask = _asks[probe.Path[index].Ask];
            Turn to = _asks[next.Ask].From!;
            Assert.Equal(probe.Path[index].Turn, ask.From!.Id);
            Assert.Equal(next.Turn, to.Id);
            from = Math.Max(from, next.IsBarring ? Math.Max(ask.Made, to.Begun) : ask.Started);
            until = Math.Min(until, Math.Min(ask.Ended, next.IsBarring ? Math.Min(ask.Started, to.Ended) : to.Ended));
        }

        return from < until;
    }

    private sealed class Actor
    {
        public List<Ask> Mailbox { get; } = [];

        public Turn? Running { get; set; }
    }

    private sealed class Turn(TurnId id, Actor actor, Ask call)
    {
        public TurnId Id => id;

        public Actor Actor => actor;

        public Ask Call => call;

        public List<Ask> Awaited { get; } = [];

        public long Begun { get; init; }

        public long Ended { get; set; } = long.MaxValue;

        public TurnSight Sight(bool isBarring) => new(id, isBarring, [.. Awaited.Select(static ask => ask.Number)], "turn");
    }

    private sealed class Ask(ulong number, Turn? from, Actor to)
    {
        public ulong Number => number;

        public Turn? From => from;

        public Actor To => to;

        public Turn? RunsIn { get; set; }

        public long Made { get; init; }

        public long Started { get; set; } = long.MaxValue;

        public long Ended { get; set; } = long.MaxValue;
    }
}
