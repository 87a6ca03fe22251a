using System.Collections.Concurrent;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Gate;

/// <summary>What lives, views and connections bring: all of it in order, on the gate's own thread. What a receive loop brings comes on that loop.</summary>
internal sealed partial class SlotGate
{
    private const int KnownEpochsMax = 4_096;

    /// <summary>What a connection that was replaced by another one has lost is said again soon.</summary>
    private static readonly TimeSpan s_retryEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<MemberId, long> _knownEpochs = new();
    private readonly Dictionary<MemberId, SlotOutbox> _outboxes = [];
    private readonly HashSet<SlotLine> _lines = [];
    private volatile TransportNode? _transport;
    private ViewHistory? _waiting;
    private Action<View>? _whenInstalled;
    private bool _hasLease;
    private bool _isFirstLife = true;

    /// <summary>A life begins. The control thread, as the next four.</summary>
    public void OnLife(NodeLife life) => _loop.Post(() => Begin(life));

    /// <summary>A view is installed there.</summary>
    /// <param name="transport">The node.</param>
    /// <param name="life">The life.</param>
    /// <param name="history">The view, and what slots must know of those before.</param>
    /// <param name="installed">Is done, when slots have the view.</param>
    public void OnView(TransportNode transport, NodeLife life, ViewHistory history, Action<View> installed)
    {
        _transport = transport;
        _loop.Post(() => Install(life, history, installed));
    }

    /// <summary>The lease is there, or there again.</summary>
    public void OnLease(NodeLife life) => _loop.Post(() =>
    {
        if (life == _life && !_hasLease)
        {
            _hasLease = true;
            if (_waiting is { } history)
            {
                _waiting = null;
                Install(life, history, _whenInstalled!);
            }
        }
    });

    /// <summary>A view is settled.</summary>
    public void OnSettled(NodeLife life, long epoch) => _loop.Post(() =>
    {
        if (life == _life)
        {
            _waiting = _waiting?.SettledTo(epoch);
            Step(now => _core!.Settled(now, epoch));
        }
    });

    /// <summary>A life is over: what waits here did not run, and will not.</summary>
    /// <param name="life">The life.</param>
    /// <param name="ended">Is done then.</param>
    public void OnLifeEnded(NodeLife life, Action ended) => _loop.Post(() =>
    {
        lock (_lock)
        {
            if (life == _life && _core is { } core)
            {
                core.End();
                _core = null;
                Volatile.Write(ref _epoch, long.MinValue);
                Volatile.Write(ref _openEpoch, long.MinValue);
                foreach (CallRequest request in _held.ToArray())
                {
                    request.Refuse(Refusal.NotServing);
                }

                _ways.End();
                _held.Clear();
                _outboxes.Clear();
                _lost.Clear();
                _flushes.Clear();
                _farewells.Clear();
                _unanswered.Clear();
                _leavingEpoch = 0;
            }
        }

        ended();
    });

    /// <summary>A peer has a connection that requests go to.</summary>
    public void OnConnected(Peer peer) => _loop.Post(() =>
    {
        if (peer.Connection?.LayerState is SlotLine line)
        {
            lock (_lock)
            {
                MakeReady(line);
            }

            Step(now => _ways.Connected(now, line.Member));
        }
    });

    /// <inheritdoc/>
    void IConnectionObserver.OnOpen(Connection connection)
    {
        MemberId member = new(connection.PeerId, new Incarnation(connection.PeerHello!.Incarnation));
        var line = new SlotLine(connection, member, _knownEpochs.GetValueOrDefault(member, long.MinValue));
        connection.LayerState = line;
        lock (_lock)
        {
            // Before any request is on it: those of a connection that it takes over from may be passed on to it at any time.
            _lines.Add(line);
            AnnounceOn(line);
        }
    }

    /// <inheritdoc/>
    string? IConnectionObserver.OnOrdered(Connection connection, ReadOnlySpan<byte> payload)
    {
        var line = (SlotLine)connection.LayerState!;
        if (SlotFarewell.TryRead(payload, out bool isAnswer, out long of, out long number))
        {
            _node.Router.DeliverGathered();
            HandleFarewell(line, isAnswer, of, number);
            return null;
        }

        if (SlotNote.IsOne(payload))
        {
            return TakeNote(line, payload);
        }

        HandoffMessage? message;
        try
        {
            message = HandoffWire.Decode(payload);
        }
        catch (MessagePackException exception)
        {
            return $"it says of slots what cannot be: {exception.Message}";
        }

        _node.Router.DeliverGathered(); // What came before it is in mailboxes before it counts.
        if (message is not null)
        {
            Step(now => _core!.Handle(now, line.Member, message));
        }

        return null;
    }

    private string? TakeNote(SlotLine line, ReadOnlySpan<byte> note)
    {
        if (SlotNote.TryReadAnnouncement(note, out long epoch, out int actors))
        {
            if (_view?.Contains(line.Member) == true)
            {
                _loads[line.Member] = actors; // A client has none, and nobody counts clients.
            }

            line.PeerEpoch = Math.Max(line.PeerEpoch, epoch);
            if (_knownEpochs.Count >= KnownEpochsMax)
            {
                _knownEpochs.Clear(); // Only what is known at the beginning of a connection that takes over from another.
            }

            _knownEpochs[line.Member] = line.PeerEpoch;
            return null;
        }

        if (DirectNote.TryRead(note, out DirectNote direct))
        {
            _node.Router.DeliverGathered();
            Step(now => _ways.Take(now, line, direct));
        }
        else if (SlotNote.TryReadMove(note, out ActorId id, out PeerId to))
        {
            Step(_ => TakeMove(id, to));
        }

        return null; // What a later version says is passed over.
    }

    /// <inheritdoc/>
    void IConnectionObserver.OnClosed(Connection connection)
    {
        if (connection.LayerState is SlotLine line)
        {
            _loop.Post(() =>
            {
                lock (_lock)
                {
                    _lines.Remove(line);
                }

                Step(now =>
                {
                    if (FindLine(line.Member) is not { } other || other == line)
                    {
                        _core!.ConnectionEnded(now, line.Member);
                        _ways.ConnectionEnded(now, line.Member);
                    }
                });
            });
        }
    }

    private void Begin(NodeLife life)
    {
        lock (_lock)
        {
            _life = life;
            _hasLease = _node.Options.IsClient;
            _waiting = null;
            _view = null;
            _hostsOfClass.Clear();
            _loads.Clear();
            bool isResumed = _isFirstLife && _node.Options.Membership?.StateDirectory is not null;
            _isFirstLife = false;
            _core = new HandoffCore(life.Self, SlotHash.Slots, new HandoffTiming { Drain = _node.Options.DrainTimeout, RetryEvery = s_retryEvery }, HandoffRules.Right, isResumed);
            _ways.Begin(_core);
        }
    }

    private void Install(NodeLife life, ViewHistory history, Action<View> installed)
    {
        if (life != _life || _core is not { } core)
        {
            return;
        }

        if (!_hasLease)
        {
            _waiting = history;
            _whenInstalled = installed;
            return;
        }

        for (bool isDone = false; !isDone;)
        {
            LetGoOfLost(); // What the view before took away, before another one says whose it is.
            lock (_lock)
            {
                if (_lost.Count > 0)
                {
                    continue; // Of a group that was split just then.
                }

                if (history.Installed.Epoch <= core.Epoch && core.Epoch != long.MinValue)
                {
                    return;
                }

                // Said before any sender can see what the view changed: what comes behind it was sent by it.
                Announce(history.Installed.Epoch);
                NoteView(history.Installed);
                _ways.Note(history.Installed);
                TimeSpan now = _clock.Now;
                TakeBackUnsent(core, history.Installed);
                PreferAnew(history.Installed);
                core.Install(now, history);
                _ways.Install(now, history.Installed);
                Volatile.Write(ref _epoch, history.Installed.Epoch); // After what was lost is no more owned, before what was won is: who finds a slot owned between two equal readings owns it in that epoch.
                DoOutputs(now);
                Volatile.Write(ref _openEpoch, history.Installed.Epoch); // Partner: the router's look, on receive loops.
                isDone = true;
            }
        }

        installed(history.Installed);
    }

    /// <summary>What waited for a connection to who is gone was never sent: it takes its way anew, before anything that was made after it.</summary>
    private void TakeBackUnsent(HandoffCore core, View next)
    {
        foreach (MemberId gone in _outboxes.Keys.Where(id => !next.Contains(id)).ToArray())
        {
            _outboxes.Remove(gone, out SlotOutbox? outbox);
            List<SlotRequest> unsent = [];
            while (outbox!.TryTake(out _, out CallRequest? request))
            {
                if (request is not null)
                {
                    unsent.Add(request); // Still among those held: it goes on being so until it is sent, run or refused.
                }
            }

            core.TakeBack(gone, unsent, next.Epoch);
        }
    }

    private void HandleDeadline()
    {
        Step(now =>
        {
            if (now >= _core!.NextDeadline)
            {
                _core.HandleDeadline(now);
            }

            RetryLines(now);
            _ways.Look(now);
            AnnounceIfDue(now);
        });
    }

    /// <summary>Something for the core, and what it wants done then.</summary>
    private void Step(Action<TimeSpan> input)
    {
        lock (_lock)
        {
            if (_core is not null)
            {
                TimeSpan now = _clock.Now;
                input(now);
                DoOutputs(now);
            }
        }
    }

    private SlotLine? FindLine(in MemberId member) =>
        _transport?.PeerOf(member.Peer).Connection is { State: ConnectionState.Open, LayerState: SlotLine line } && line.Member == member && IsOfThisLife(line) ? line : null;

    /// <summary>Whether a connection was opened in the present life. The next life, perhaps in another founding of the cluster, has connections before it is known here; what is said of this one there would be taken for its own.</summary>
    private bool IsOfThisLife(SlotLine line) => _life is { } life && line.Connection.OwnIncarnation == life.Self.Incarnation.Value;
}
