using System.Net;
using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Tls;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Transport.Membership;

/// <summary>Drives the core of agreed views on a real node: messages, connections and deadlines in, outputs done in order.</summary>
/// <remarks>
/// On the control thread, but for what says otherwise. A pair of nodes that dialled each other at once has two connections for a while; the core is told of the first, hears from both, and the one that the higher id
/// dialled is closed. Clients are connections like others that the core never hears of.
/// </remarks>
internal sealed class MemberShell : ControlPlane
{
    /// <summary>Accepted connections with one member: the one in use, and one that replaces it.</summary>
    private const int AcceptedPerMemberMax = 2;

    /// <summary>Other lives with the key of a living member that may wait here for it to go.</summary>
    private const int OtherLivesMax = 4;

    private const string TooManyClients = "this member has as many clients as it may";
    private const string NoLease = "this member has no lease; another one may know more";

    private readonly ViewCore _core;
    private readonly StateFile? _state;
    private readonly MembershipOptions _options;
    private readonly SleepClock _clock;
    private readonly Dictionary<MemberId, List<ControlConnection>> _peers = [];
    private readonly HashSet<ControlConnection> _clients = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<MemberId> _departed = [];
    private readonly Queue<MemberId> _departedInOrder = new();
    private volatile View _view = ViewLog.Nothing.View;
    private volatile NodeLife _life;
    private JoinRefusal? _refusal;
    private ClusterId _foreign;
    private int _suspects;
    private long _settled = long.MinValue;
    private bool _isTaking;

    /// <summary>Makes the shell of a node that is about to listen.</summary>
    /// <exception cref="TransportException">The state directory cannot be used.</exception>
    public MemberShell(TransportNode node, TlsEndpoint tls, SleepClock clock, MembershipOptions options, string address, IEnumerable<string> seeds)
        : base(node, tls, clock, options.EffectiveTiming)
    {
        _options = options;
        _clock = clock;
        _state = options.StateDirectory is { } directory ? StateFile.Open(directory) : null;
        try
        {
            _core = new ViewCore(
                new ViewOptions
                {
                    Peer = node.Id,
                    Address = address,
                    Seeds = [.. seeds.Where(static seed => AddressText.TryParse(seed, out EndPoint? found) && found is IPEndPoint)], // Names are resolved, and suggested, by the data lane.
                    Founders = options.Founders.Count == 0 ? null : [.. options.Founders],
                    Reform = options.Reform == ReformPolicy.WhenAllReturn ? ReformMode.WhenAllReturn : ReformMode.Operator,
                    HostedTypes = options.HostedTypes,
                    Labels = [.. options.Labels],
                    Weight = options.Weight,
                    Timing = Timing,
                    UnixSeconds = clock.Provider.GetUtcNow().ToUnixTimeSeconds(),
                    HasSlots = options.HasSlots,
                    KeepsState = _state is not null,
                },
                new UnguessableRandom(),
                clock.Now,
                _state?.Read(node.Id));
        }
        catch
        {
            _state?.Dispose();
            throw;
        }

        _life = new NodeLife(_core.Self, clock);
        Address = address;
        Loop.NextDeadline = () => _core.NextDeadline;
        Loop.DeadlineCame = () =>
        {
            _core.HandleDeadline(Loop.Now);
            AfterEvent();
        };
        options.Observer?.OnLife(_life);
    }

    /// <summary>Where others dial this node.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public override View View => _view;

    /// <inheritdoc/>
    public override NodeLife Life => _life;

    /// <summary>Completes when the node has left, or must not go on.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>The core; the control thread alone.</summary>
    public ViewCore Core => _core;

    /// <summary>What became of views, for the status; the control thread alone.</summary>
    public MembershipCounters Counters { get; } = new();

    /// <summary>Whether it leads. A glance: any thread, as the next two.</summary>
    public bool IsLeading => _core.Raft.Role == RaftRole.Leader;

    /// <summary>Members that it suspects.</summary>
    public int Suspects => Volatile.Read(ref _suspects);

    /// <summary>Whether a majority of the stewards is missing.</summary>
    public bool IsHalted => _core.IsHalted;

    /// <inheritdoc/>
    public override void Suggest(string address) => Loop.Post(() =>
    {
        _core.Suggest(Loop.Now, address);
        AfterEvent();
    });

    /// <summary>An order of an operator or of the layer above; any thread.</summary>
    /// <param name="order">What to do with the core at what time.</param>
    /// <param name="refused">Called instead when the control thread is over, on any thread.</param>
    public void Order(Action<ViewCore, TimeSpan> order, Action? refused = null) => Loop.Post(
        () =>
        {
            order(_core, Loop.Now);
            AfterEvent();
        },
        refused);

    /// <summary>Whether a view here has evicted it, or it left: its connections are closed. Any thread; remembers the last <see cref="DepartedMax"/>.</summary>
    public bool HasDeparted(MemberId id)
    {
        lock (_departed)
        {
            return _departed.Contains(id);
        }
    }

    private const int DepartedMax = 4_096;

    /// <inheritdoc/>
    /// <remarks>
    /// Bounds: of one client one connection, of one member <see cref="AcceptedPerMemberMax"/>, the newest; and whoever is no member gets none of the last quarter of <see cref="TransportLimits.ControlConnectionsMax"/>,
    /// so that nobody whom the trust policy admits keeps members from reconnecting.
    /// </remarks>
    protected override void OnConnectionUp(ControlConnection connection)
    {
        if (connection.Dialled is null && ConnectionCount > Node.Limits.ControlConnectionsOfOthersMax && !_view.Contains(IdOf(connection)))
        {
            Refuse(connection, "the control connections that are left are for members");
            return;
        }

        if (connection.PeerHello!.IsClient)
        {
            Reached(connection);
            if (!_life.MayEnter())
            {
                connection.Close(isOver: false, NoLease);
                return;
            }

            ControlConnection[] earlier = [.. _clients.Where(one => one.Peer == connection.Peer)];
            if ((earlier.Length == 0 && _clients.Count >= Node.Limits.ClientsMax)
                || !Node.OnClientAttached(connection.Peer, connection.PeerHello.Incarnation, () => Loop.Post(() => connection.Close(isOver: false, TooManyClients))))
            {
                Refuse(connection, TooManyClients);
                return;
            }

            foreach (ControlConnection older in earlier)
            {
                Refuse(older, "a later connection of the same client");
            }

            _clients.Add(connection);
            PushView(connection);
            return;
        }

        MemberId id = IdOf(connection);
        ControlConnection[] otherLives = [.. _peers.Where(entry => entry.Key.Peer == id.Peer && entry.Key != id).SelectMany(static entry => entry.Value)];
        if (otherLives.Length >= OtherLivesMax && connection.Dialled is null && !_view.Contains(id))
        {
            Refuse(connection, "too many others have its key");
            return;
        }

        if (!_peers.TryGetValue(id, out List<ControlConnection>? present))
        {
            _peers.Add(id, present = []);
        }

        present.Add(connection);
        Reached(connection);
        foreach (ControlConnection surplus in present.Where(static one => one.IsUp && one.Dialled is null).SkipLast(AcceptedPerMemberMax).ToArray())
        {
            Refuse(surplus, "later connections of the same node");
        }

        if (!_view.Contains(id) && Array.Exists(otherLives, IsLivingMember))
        {
            // A second process with a member's key: it may ask to join, and is refused for as long as that one lives, but takes nothing from it. The core knows one life of a peer, and goes on with the member.
            if (connection.Dialled is { } address)
            {
                _core.DialFailed(Loop.Now, address, refused: false);
            }

            return;
        }

        foreach (ControlConnection older in otherLives)
        {
            // Whoever speaks last is the one that lives.
            older.Close(isOver: false, "a later incarnation is connected");
        }

        if (present.Count == 1)
        {
            TellUp(id, connection);
            return;
        }

        // One of several: that which the lower id dialled stays, of one dialler the newer.
        bool lowerDials = Node.Id.CompareTo(id.Peer) < 0;
        ControlConnection kept = present.LastOrDefault(one => one.Dialled is not null == lowerDials) ?? connection;
        foreach (ControlConnection other in present.ToArray())
        {
            if (other != kept && other.Dialled is not null)
            {
                other.Close(isOver: false, "one connection is enough"); // By its dialler alone, so that not both ends close one each.
            }
        }

        if (connection.Dialled is { } dialled)
        {
            _core.ConnectionUp(Loop.Now, id, dialled); // The dial that it ordered has led there: it waits for the answer, and would never dial that address again.
        }
    }

    private void TellUp(in MemberId id, ControlConnection connection) => _core.ConnectionUp(Loop.Now, id, connection.Dialled ?? connection.PeerHello!.AdvertisedAddress);

    /// <summary>Whether a connection is with a member that was heard of so lately that its key is in use.</summary>
    private bool IsLivingMember(ControlConnection connection) => connection.IsUp && _view.Contains(IdOf(connection)) && Loop.Now - connection.LastReceived < Timing.KeySilentAfter;

    /// <inheritdoc/>
    protected override void OnConnectionEnded(ControlConnection connection)
    {
        if (_clients.Remove(connection))
        {
            if (!_clients.Any(other => other.Peer == connection.Peer))
            {
                Node.OnClientDetached(connection.Peer);
            }

            return;
        }

        MemberId id = IdOf(connection);
        if (!_peers.TryGetValue(id, out List<ControlConnection>? present) || !present.Remove(connection))
        {
            return;
        }

        if (present.Count == 0 || connection.SaidGoodbye)
        {
            foreach (ControlConnection other in present)
            {
                other.Close(isOver: false, "the peer said goodbye");
            }

            _peers.Remove(id);
            _core.ConnectionEnded(Loop.Now, id, connection.SaidGoodbye);
            if (_peers.FirstOrDefault(entry => entry.Key.Peer == id.Peer) is { Value: { Count: > 0 } waiting } next)
            {
                TellUp(next.Key, waiting[^1]); // Who waited for its key.
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnControlFrame(ControlConnection connection, ControlKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind != ControlKind.View || connection.PeerHello!.IsClient)
        {
            return;
        }

        // A sender that is not who it says it is breaks the protocol; one of a later version is passed over.
        if (ViewWire.Decode(payload) is { } envelope)
        {
            if (envelope.From != IdOf(connection))
            {
                throw new MessagePackException("a message in another node's name");
            }

            Counters.MessagesReceived++;
            _core.Handle(Loop.Now, envelope);
        }
    }

    /// <inheritdoc/>
    protected override void OnDialFailed(string address, bool isRefused) => _core.DialFailed(Loop.Now, address, isRefused);

    /// <inheritdoc/>
    protected override void OnDisposed() => _state?.Dispose();

    /// <summary>Does what the core wants done, in its order. What that itself leads to comes after, in the same loop.</summary>
    protected override void AfterEvent()
    {
        if (_isTaking)
        {
            return;
        }

        _isTaking = true;
        try
        {
            while (_core.TryTake(out ViewOutput? output))
            {
                Do(output);
            }
        }
        finally
        {
            _isTaking = false;
        }

        Counters.Suspicions += Math.Max(0, _core.Suspects - _suspects);
        Volatile.Write(ref _suspects, _core.Suspects);
        BytesGlance = Bytes;
        LeaderIs(_core.Raft.Leader is { IsNone: false } leader ? leader.Peer : null);
        if (_life.Self == _core.Self)
        {
            Renew();
            if (_core.SettledEpoch > _settled && _view == _core.Installed)
            {
                _settled = _core.SettledEpoch;
                _options.Observer?.OnSettled(_settled);
            }
        }

        if (_clients.Count > 0 && !_life.MayEnter())
        {
            // It may be cut off from the others: whoever follows through it would go on with an old view while others would have told the new one.
            foreach (ControlConnection client in _clients)
            {
                client.Close(isOver: false, NoLease);
            }
        }
    }

    private void Renew()
    {
        bool wasServing = _life.MayEnter();
        _life.Renew(_core.LeaseEnd);
        if (!wasServing && _life.MayEnter())
        {
            _options.Observer?.OnLease(_life);
        }
    }

    private void Do(ViewOutput output)
    {
        switch (output)
        {
            case SendOutput send:
                Send(send);
                break;
            case DialOutput dial:
                Dial(dial.Address);
                break;
            case CloseOutput close:
                CloseTo(close.Peer);
                break;
            case PersistOutput persist:
                Persist(persist.State);
                break;
            case InstalledOutput installed:
                Install(installed.View);
                break;
            case LifeEndedOutput ended:
                EndLife(ended);
                break;
            case HaltedOutput halted:
                Counters.Halts++;
                Node.LogHalted(halted.View, halted.MissingStewards);
                break;
            case RefusedOutput refused when refused.Reason != _refusal:
                _refusal = refused.Reason; // It is refused with every request; once is enough until something changes.
                Node.LogJoinRefused(refused.Reason);
                break;
            case ForeignClusterOutput foreign when foreign.Other != _foreign:
                _foreign = foreign.Other;
                Node.LogForeignCluster(foreign.Other);
                break;
            case FoundedOutput founded:
                Node.LogFounded(founded.View, founded.ReformedFrom);
                break;
        }
    }

    private void Send(SendOutput output)
    {
        if (!_peers.TryGetValue(output.Envelope.To, out List<ControlConnection>? present))
        {
            return;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            ViewWire.Encode(ref writer, output.Envelope);
            Counters.MessagesSent++;
            present[^1].Send(ControlKind.View, scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private void CloseTo(in MemberId peer)
    {
        if (_peers.Remove(peer, out List<ControlConnection>? present))
        {
            foreach (ControlConnection connection in present)
            {
                connection.Close(isOver: false, "not needed any more, or evicted");
            }

            _core.ConnectionEnded(Loop.Now, peer, goodbye: false);
        }
    }

    private void Persist(StewardState state)
    {
        try
        {
            _state!.Write(state);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A promise that is not on the disk must not be made: nothing more is said by this process.
            Node.LogStateLost(exception);
            Environment.FailFast($"The membership state cannot be written: {exception.Message}", exception);
        }
    }

    private void Install(View view)
    {
        View former = _view;
        foreach (Member member in former.Members)
        {
            if (member.Id != _core.Self && !view.Contains(member.Id))
            {
                Depart(member.Id);
            }
        }

        TakeBack(view);
        _refusal = null;
        _view = view;
        Counters.Installed(Loop.Now);
        Node.OnViewInstalled(view, former, _core.Self);
        foreach (ControlConnection client in _clients)
        {
            PushView(client);
        }

        Renew();
        _settled = _core.SettledEpoch;
        _options.Observer?.OnView(Node, view, _core);
    }

    private void Depart(MemberId id)
    {
        lock (_departed)
        {
            if (_departed.Add(id))
            {
                _departedInOrder.Enqueue(id);
                if (_departedInOrder.Count > DepartedMax)
                {
                    _departed.Remove(_departedInOrder.Dequeue());
                }
            }
        }
    }

    /// <summary>
    /// A newcomer that was admitted, went silent before it knew, and asked on is admitted again as the same incarnation once the view that lost it is settled. It never was a member by its own knowledge (if it had been, its life
    /// would have ended), so it ran nothing: the view decides who is a member, and it is reached again.
    /// </summary>
    private void TakeBack(View view)
    {
        lock (_departed)
        {
            if (_departed.Count > 0)
            {
                foreach (Member member in view.Members)
                {
                    _departed.Remove(member.Id);
                }
            }
        }
    }

    private void PushView(ControlConnection client)
    {
        if (_view.Cluster.IsNone)
        {
            return;
        }

        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            var writer = new MessagePackWriter(scratch);
            ViewWire.Encode(ref writer, _view);
            client.Send(ControlKind.Follow, scratch.WrittenSpan);
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    /// <summary>First nothing more is entered, then everything ends, then the node is the next incarnation.</summary>
    private void EndLife(LifeEndedOutput ended)
    {
        NodeLife former = _life;
        former.End();
        Counters.LivesEnded++;
        _settled = long.MinValue;
        _view = ViewLog.Nothing.View;
        _options.Observer?.OnLifeEnded(former, ended.Reason);
        _peers.Clear();
        CloseAll($"this incarnation is over: {ended.Reason}");
        _clients.Clear();
        if (ended.Next.IsNone)
        {
            Node.OnLifeEnded(ended.Ended, ended.Reason, null);
            DeleteState();
            _stopped.TrySetResult();
            return;
        }

        _life = new NodeLife(ended.Next, _clock);
        Node.OnLifeEnded(ended.Ended, ended.Reason, _life);
        DeleteState();
        _options.Observer?.OnLife(_life);
    }

    /// <summary>After all that cannot fail. What stays on the disk breaks no promise: it is of an incarnation that the others have seen go, as a start with it would learn, and the next thing kept replaces it.</summary>
    private void DeleteState()
    {
        try
        {
            _state?.Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Node.LogStateKept(exception);
        }
    }
}
