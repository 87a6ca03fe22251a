using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Tests.Views;

/// <summary>A few cores of agreed views in virtual time, with connections that can be cut one pair at a time. A cut connection stays up and loses what is sent.</summary>
internal sealed class CoreBus
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_dialTimeout = TimeSpan.FromSeconds(1);

    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _due = new();
    private readonly HashSet<(int, int)> _connected = [];
    private readonly HashSet<(int, int)> _cut = [];
    private readonly PeerId[] _peers;
    private readonly StewardState?[] _states;
    private readonly int? _hub;
    private readonly bool _hasFounders;
    private long _order;

    /// <param name="count">How many.</param>
    /// <param name="hub">The only one that all know at first; null: all know all. The one of the lowest id is the first.</param>
    /// <param name="hasFounders">Whether all are founders.</param>
    public CoreBus(int count, int? hub = null, bool hasFounders = false)
    {
        _hub = hub;
        _hasFounders = hasFounders;
        _states = new StewardState?[count];
        _peers = [.. Enumerable.Range(0, count).Select(static _ => SecretKey.Generate().Id).Order()];
        Cores = [.. Enumerable.Range(0, count).Select(index => new ViewCore(OptionsOf(index), new Random(index + 1), Now))];
    }

    public TimeSpan Now { get; private set; }

    public ViewCore[] Cores { get; }

    /// <summary>The core that leads; null for none.</summary>
    public ViewCore? Leader => Cores.FirstOrDefault(static core => core.Raft.Role == RaftRole.Leader);

    /// <summary>What halted was said to miss, in the order of the reports.</summary>
    public List<HaltedOutput> Halts { get; } = [];

    public void Cut(int one, int other) => _cut.Add(Pair(one, other));

    public void Heal() => _cut.Clear();

    /// <summary>Ends a process and starts it again with the state that it synced last.</summary>
    public void Restart(int index)
    {
        for (int other = 0; other < Cores.Length; other++)
        {
            End(index, other);
        }

        Cores[index] = new ViewCore(OptionsOf(index), new Random(index + 1 + Cores.Length), Now, _states[index]);
        Take(index);
    }

    /// <summary>Runs until something holds.</summary>
    /// <returns>Whether it did before the time was over.</returns>
    public bool RunUntil(Func<bool> holds, TimeSpan within)
    {
        TimeSpan end = Now + within;
        while (!holds())
        {
            TimeSpan next = Cores.Min(static core => core.NextDeadline);
            next = _due.TryPeek(out _, out (TimeSpan At, long Order) first) && first.At < next ? first.At : next;
            if (next > end)
            {
                Now = end;
                return holds();
            }

            Now = next > Now ? next : Now;
            while (_due.TryPeek(out Action? action, out (TimeSpan At, long Order) at) && at.At <= Now)
            {
                _due.Dequeue();
                action();
            }

            for (int index = 0; index < Cores.Length; index++)
            {
                if (Cores[index].NextDeadline <= Now)
                {
                    Cores[index].HandleDeadline(Now);
                    Take(index);
                }
            }
        }

        return true;
    }

    private ViewOptions OptionsOf(int index) => new()
    {
        Peer = _peers[index],
        Address = Address(index),
        Seeds = _hub is { } known ? [Address(known)] : [.. _peers.Select(static (_, other) => Address(other))],
        Founders = _hasFounders ? _peers : null,
        Timing = ViewTiming.Lan,
        KeepsState = true,
        UnixSeconds = 1_000_000,
    };

    private static string Address(int index) => $"10.0.0.{index + 1}:1";

    private static (int, int) Pair(int one, int other) => one < other ? (one, other) : (other, one);

    private void Plan(TimeSpan after, Action action) => _due.Enqueue(action, (Now + after, _order++));

    private void Take(int index)
    {
        while (Cores[index].TryTake(out ViewOutput? output))
        {
            switch (output)
            {
                case SendOutput send when Array.IndexOf(_peers, send.Envelope.To.Peer) is var to && _connected.Contains(Pair(index, to)) && !_cut.Contains(Pair(index, to)):
                    Plan(s_delay, () =>
                    {
                        if (_cut.Contains(Pair(index, to)))
                        {
                            return; // Cut while it was on its way.
                        }

                        Cores[to].Handle(Now, send.Envelope);
                        Take(to);
                    });
                    break;
                case DialOutput dial:
                    Dial(index, Array.FindIndex(_peers, peer => Address(Array.IndexOf(_peers, peer)) == dial.Address), dial.Address);
                    break;
                case CloseOutput close:
                    End(index, Array.IndexOf(_peers, close.Peer.Peer));
                    break;
                case LifeEndedOutput:
                    for (int other = 0; other < Cores.Length; other++)
                    {
                        End(index, other);
                    }

                    break;
                case PersistOutput persist:
                    _states[index] = persist.State;
                    break;
                case HaltedOutput halted:
                    Halts.Add(halted);
                    break;
            }
        }
    }

    private void Dial(int from, int to, string address)
    {
        if (_cut.Contains(Pair(from, to)))
        {
            Plan(s_dialTimeout, () =>
            {
                Cores[from].DialFailed(Now, address, refused: false);
                Take(from);
            });
            return;
        }

        Plan(s_delay, () =>
        {
            _connected.Add(Pair(from, to));
            foreach ((int here, int there) in ((int, int)[])[(from, to), (to, from)])
            {
                Cores[here].ConnectionUp(Now, Cores[there].Self, Address(there));
                Take(here);
            }
        });
    }

    private void End(int one, int other)
    {
        if (!_connected.Remove(Pair(one, other)))
        {
            return;
        }

        foreach ((int here, MemberId there) in ((int, MemberId)[])[(one, Cores[other].Self), (other, Cores[one].Self)])
        {
            Plan(s_delay, () =>
            {
                Cores[here].ConnectionEnded(Now, there, goodbye: false);
                Take(here);
            });
        }
    }
}
