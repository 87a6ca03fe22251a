using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Tls;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Transport.Membership;

/// <summary>A node that only calls: it attaches to one member, follows the views that this one installs, and goes to another when it is gone. It never counts for agreement.</summary>
/// <remarks>
/// A member that is silent for as long as one would be evicted for is left; one that has no lease itself turns its clients away. What it knows of the cluster stays meanwhile. A view of the same cluster with a lower epoch, from a member that lags behind, is passed over; one of
/// another cluster is taken: the old one was dissolved or re-formed.
/// </remarks>
internal sealed class ClientShell : ControlPlane
{
    private const int KnownMax = 64;

    private readonly List<string> _known = [];
    private readonly MembershipOptions _options;
    private volatile View _view = ViewLog.Nothing.View;
    private ControlConnection? _member;

    /// <summary>Written by the control thread, read by any that says why a call failed.</summary>
    private volatile string? _unreached;
    private int _turn;
    private bool _isDialling;
    private bool _follows;
    private TimeSpan _nextAt;
    private TimeSpan _pingedAt;

    /// <summary>Makes the shell of a client.</summary>
    public ClientShell(TransportNode node, TlsEndpoint tls, SleepClock clock, MembershipOptions options)
        : base(node, tls, clock, options.EffectiveTiming)
    {
        _options = options;
        Life = new NodeLife(new MemberId(node.Id, Incarnation.Mint(new UnguessableRandom())), clock);
        Loop.NextDeadline = () => _nextAt;
        Loop.DeadlineCame = Look;
        _nextAt = Loop.Now;
        _turn = node.Random.Next(1024); // Clients spread over members.
        options.Observer?.OnLife(Life);
    }

    /// <inheritdoc/>
    public override View View => _view;

    /// <inheritdoc/>
    public override NodeLife Life { get; }

    /// <summary>The member that it follows; null while it has none. The control thread alone.</summary>
    public MemberId? Member => _member is { IsUp: true } member ? IdOf(member) : null;

    /// <summary>Where the last dial led to nobody; null since a member was reached. Any thread.</summary>
    public string? Unreached => _unreached;

    /// <inheritdoc/>
    public override void Suggest(string address) => Loop.Post(() =>
    {
        _known.Remove(address);
        if (_known.Count >= KnownMax)
        {
            _known.RemoveAt(0);
        }

        _known.Add(address);
        if (_member is null)
        {
            _nextAt = Loop.Now;
        }
    });

    /// <inheritdoc/>
    protected override void AfterEvent()
    {
        BytesGlance = Bytes;
        LeaderIs(Member?.Peer);
    }

    /// <inheritdoc/>
    protected override void OnConnectionUp(ControlConnection connection)
    {
        Reached(connection);
        _unreached = null;
        _isDialling = false;
        if (connection.PeerHello!.IsClient || _member is not null)
        {
            connection.Close(isOver: false, "not wanted");
            return;
        }

        _member = connection;
        _follows = false;
        _nextAt = Loop.Now;
    }

    /// <inheritdoc/>
    protected override void OnControlFrame(ControlConnection connection, ControlKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind != ControlKind.Follow || connection != _member)
        {
            return;
        }

        _follows = true;
        View view = ViewWire.DecodeView(payload);
        View former = _view;
        if (view.Cluster == former.Cluster && view.Epoch < former.Epoch)
        {
            return;
        }

        _view = view;
        Node.OnFollowedView(view, former, IdOf(connection), Life.Self);
        _options.Observer?.OnView(Node, view, core: null);
    }

    /// <inheritdoc/>
    protected override void OnConnectionEnded(ControlConnection connection)
    {
        if (connection == _member)
        {
            _member = null;
            _nextAt = Loop.Now + (_follows ? TimeSpan.Zero : Timing.RetryEvery);
        }
    }

    /// <inheritdoc/>
    protected override void OnDialFailed(string address, bool isRefused)
    {
        _isDialling = false;
        _unreached = address;
        _nextAt = Loop.Now + (_turn % Math.Max(1, Candidates().Count) == 0 ? Timing.RetryEvery : TimeSpan.Zero);
    }

    private void Look()
    {
        TimeSpan now = Loop.Now;
        _nextAt = now + Timing.ProbeEvery;
        if (_member is { } member)
        {
            if (now - member.LastReceived >= Timing.SilentAfter)
            {
                member.Close(isOver: false, "silent for too long");
                _member = null;
                _nextAt = now;
            }
            else if (now - member.LastReceived >= Timing.ProbeEvery && now - _pingedAt >= Timing.ProbeEvery)
            {
                _pingedAt = now;
                member.Send(ControlKind.Ping, []);
            }

            return;
        }

        List<string> candidates = Candidates();
        if (!_isDialling && candidates.Count > 0)
        {
            _isDialling = true;
            Dial(candidates[_turn++ % candidates.Count]);
        }
    }

    /// <summary>The members of the newest view, then whoever else was found.</summary>
    private List<string> Candidates() =>
        [.. _view.Members.Where(static member => member.State != MemberState.Leaving).Select(static member => member.Address).Concat(_known).Distinct(StringComparer.Ordinal)];
}
