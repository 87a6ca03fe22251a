using System.Net;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport;

/// <summary>A node that this one is, or was, connected to. Thread safe; may be kept as long as the node, and says what holds now.</summary>
public sealed class Peer
{
    /// <summary>Connections that are being left at a time; of those that a peer opens beside, one more is closed at once.</summary>
    private const int RetiringMax = 4;

    private readonly TransportNode _node;
    private readonly Lock _lock = new();
    private readonly List<Connection> _retiring = [];
    private volatile Connection? _connection;
    private volatile bool _isForgotten;
    private Connection? _challenger;
    private Connection? _challenged;
    private DuplicateChallenge? _challenge;

    internal Peer(TransportNode node, PeerId id)
    {
        _node = node;
        Id = id;
    }

    /// <summary>Who it is.</summary>
    public PeerId Id { get; }

    /// <summary>Whether a connection stands now.</summary>
    public bool IsConnected => Connection is { State: ConnectionState.Open };

    /// <summary>Where it is connected from or to; null while it is not.</summary>
    public EndPoint? RemoteEndPoint => Connection?.RemoteEndPoint;

    /// <summary>Where it says it can be dialled, <c>HOST:PORT</c>; null while it is not connected, and when it does not say. A claim of the peer, not checked.</summary>
    public string? AdvertisedAddress => Connection?.PeerHello?.AdvertisedAddress is { Length: not 0 } address ? address : null;

    /// <summary>The connection that requests go to; null while there is none. A peer that was forgotten and came back has another object, which this one then asks.</summary>
    internal Connection? Connection => _connection ?? (_isForgotten ? _node.FindPeer(Id)?._connection : null);

    /// <summary>Whether this object itself has a connection.</summary>
    internal bool HasConnection => _connection is not null;

    /// <summary>Its place among the unconnected peers; under the lock of <see cref="KnownPeers"/>.</summary>
    internal LinkedListNode<Peer>? Unconnected { get; set; }

    /// <summary>The peer's id, shortened.</summary>
    public override string ToString() => Id.ToShortString();

    /// <summary>A connection to this peer has exchanged hellos.</summary>
    /// <returns>False when this object was forgotten and takes none any more.</returns>
    internal bool TryAttach(Connection newer)
    {
        lock (_lock)
        {
            if (_isForgotten)
            {
                return false;
            }

            Connection? older = NewestLocked();
            if (older is null || older.State != ConnectionState.Open)
            {
                _connection = newer;
                return true;
            }

            switch (DuplicateRule.Decide(older.Origin, newer.Origin))
            {
                case DuplicateDecision.ReplaceOlder:
                    ReplaceLocked(older, newer);
                    break;

                case DuplicateDecision.RefuseNewer when _retiring.Count >= RetiringMax:
                    newer.Close(CloseReason.Duplicate, "an equally new connection stands already");
                    break;

                case DuplicateDecision.RefuseNewer:
                    // Its other end may have met them in the other order, and have sent requests on this one by now: it is left once that end has stopped using it.
                    newer.Successor = older;
                    _retiring.Add(newer);
                    TickLocked(_node.Clock.NowMilliseconds);
                    break;

                case DuplicateDecision.RetireOlder:
                    older.Successor = newer;
                    _retiring.Add(older);
                    TickLocked(_node.Clock.NowMilliseconds);
                    break;

                case DuplicateDecision.RefuseNewerIfOlderAnswers:
                    LeaveChallengerLocked(older);
                    ChallengeLocked(older, newer);
                    break;
            }

            return true;
        }
    }

    /// <summary>Takes no connection from now on; false when it has one.</summary>
    internal bool TryForget()
    {
        lock (_lock)
        {
            _isForgotten |= _connection is null && _challenger is null && _retiring.Count == 0;
            return _isForgotten;
        }
    }

    /// <summary>A connection to this peer is over.</summary>
    /// <returns>Whether the peer is without one now.</returns>
    internal bool Detach(Connection ended)
    {
        lock (_lock)
        {
            _retiring.Remove(ended);
            if (_challenger == ended)
            {
                _challenger = null;
            }

            if (_connection != ended)
            {
                return false;
            }

            // Its successor, if one lives; the challenger only then has nobody to challenge.
            _connection = ended.Successor is { State: ConnectionState.Open } successor ? successor : null;
            if (_connection is null)
            {
                _connection = _challenger is { State: ConnectionState.Open } ? _challenger : null;
                _challenger = null;
            }

            return _connection is null;
        }
    }

    /// <summary>Goes on with what duplicates there are.</summary>
    internal void Tick(long now)
    {
        if (_challenger is null && _retiring.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            TickLocked(now);
        }
    }

    /// <summary>Of the connection in use and those that are to take over from it, one after the other, the last.</summary>
    private Connection? NewestLocked()
    {
        Connection? newest = _connection;
        while (newest?.Successor is { State: ConnectionState.Open } successor)
        {
            newest = successor;
        }

        return newest;
    }

    private void TickLocked(long now)
    {
        if (_challenger is { } challenger && NewestLocked() is { } newest)
        {
            if (challenger.State != ConnectionState.Open)
            {
                _challenger = null; // It ends: nothing takes over.
            }
            else if (_challenged is not { State: ConnectionState.Open } challenged)
            {
                ChallengeLocked(newest, challenger); // It has ended meanwhile: its successor is asked instead.
            }
            else
            {
                switch (_challenge!.Look(now, challenged.PongCount, challenger.PongCount))
                {
                    case ChallengeState.OlderLives:
                        // The challenger is left once its other end has stopped using it.
                        _challenger = null;
                        challenger.Successor = newest;
                        _retiring.Add(challenger);
                        break;

                    case ChallengeState.OlderIsDead:
                        _challenger = null;
                        ReplaceLocked(challenged, challenger);
                        break;
                }
            }
        }

        // A copy: what ends here may take itself out of the list at once, on this thread.
        foreach (Connection retiring in _retiring.ToArray())
        {
            bool over = retiring.StepRetire(now);
            if (retiring == _connection && (over || retiring.IsRetired) && retiring.Successor is { State: ConnectionState.Open } successor)
            {
                _connection = successor; // From here on new requests take the newer connection; nothing is under way on the older.
            }

            if (over)
            {
                _retiring.Remove(retiring);
            }
        }
    }

    /// <summary>A third connection arrives, and is the one that would take over now. The one before lives as far as anybody knows, and its other end may have sent requests on it: it is left as one that was refused.</summary>
    private void LeaveChallengerLocked(Connection newest)
    {
        if (_challenger is not { State: ConnectionState.Open } challenger)
        {
            return;
        }

        if (_retiring.Count >= RetiringMax)
        {
            challenger.Close(CloseReason.Duplicate, "too many connections arrived");
            return;
        }

        challenger.Successor = newest;
        _retiring.Add(challenger);
    }

    /// <summary>Asks a connection whether it lives, and the one that would take over, for comparison.</summary>
    private void ChallengeLocked(Connection challenged, Connection challenger)
    {
        _challenged = challenged;
        _challenger = challenger;
        _challenge = new DuplicateChallenge(challenged.PongCount, challenger.PongCount);
        challenged.Ping();
        challenger.Ping();
    }

    private void ReplaceLocked(Connection older, Connection newer)
    {
        older.Successor = newer;
        if (_connection is null || _connection == older)
        {
            _connection = newer;
        }

        older.Close(CloseReason.Duplicate, "a newer connection of the same peer took over");
    }
}
