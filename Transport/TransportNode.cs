using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Names;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Names.Direct;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Rings;
using Kameo.Actors.Transport.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Transport;

/// <summary>
/// One node of the transport: an identity, a listener, connections to peers, and names that bytes can be told to and asked of. Usable without the actor runtime. Thread safe.
/// </summary>
/// <example>
/// <code>
/// await using var server = await TransportNode.StartAsync(new TransportOptions { Trust = TrustPolicy.Secret("correct horse", "demo"), ClusterName = "demo" });
/// using NameRegistration echo = server.Register("echo", request => { request.Reply(request.Payload.Span); return default; });
/// </code>
/// </example>
public sealed partial class TransportNode : IAsyncDisposable
{
    /// <summary>How often deadlines are looked at: the grain of time-outs.</summary>
    private static readonly TimeSpan s_tickPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>Unused rings and slabs are let go once nobody needed them for this long, and at the latest after twice of it.</summary>
    private const long UnneededMilliseconds = 10_000;

    private readonly TransportOptions _options;
    private readonly ILogger _logger;
    private readonly RefusalLog _refusals = new();
    private readonly KeyLock? _keyLock;
    private readonly SecretKey? _ownKey;
    private readonly TlsEndpoint _tls;
    private readonly ILinkMedium _medium;
    private readonly ILinkMedium? _ownMedium;
    private readonly RequestRouter?[] _routers = new RequestRouter?[256];
    private readonly List<RequestRouter> _allRouters = [];
    private readonly ConcurrentDictionary<Connection, byte> _connections = new();
    private readonly KnownPeers _peers;
    private readonly ConcurrentDictionary<string, Dialer> _dialers = new(StringComparer.Ordinal);
    private ILinkListener? _listener;
    private ITimer? _tick;
    private long _lastTick;
    private long _lastLetGo;
    private ulong _incarnation;
    private long _dialCount;
    private int _connectionCount;
    private long _gatheredBytes;
    private int _ticking;
    private volatile bool _stopping;
    private TaskCompletionSource? _stopped;

    private TransportNode(TransportOptions options)
    {
        _options = options;
        ILogger logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Kameo.Actors.Transport");
        _logger = new PostedLogger(logger); // Threads that read sockets log, too.
        Limits = options.Limits;
        _peers = new KnownPeers(this);
        _memberDialers = new MemberDialers(this);
        Clock = new NodeClock(options.TimeProvider);
        Random = options.RandomSeed is { } seed ? new SharedRandom(seed) : new SharedRandom(RandomNumberGenerator.GetInt32(int.MaxValue));
        _keyLock = KeyLock.Take(options.Key?.FilePath);
        _ownKey = options.Key is null ? SecretKey.Generate() : null;
        _tls = new TlsEndpoint(options.Key ?? _ownKey!, options.Trust!, options.TimeProvider, options.TlsKeyLog) { RecordsPerKey = Limits.TlsRecordsPerKey, AsksForKeyUpdates = Limits.TlsAsksForKeyUpdates };
        _ownMedium = options.Medium is null ? LoopMedium.Open(options, _logger) : null;
        _medium = options.Medium ?? _ownMedium!;
        Span<byte> incarnation = stackalloc byte[8];
        RandomNumberGenerator.Fill(incarnation);
        Incarnation = BitConverter.ToUInt64(incarnation);
        SleepClock = new SleepClock(options.TimeProvider);
        Slabs = new SlabPool(Math.Max(SlabPool.DefaultSlabBytes, Limits.FrameBytesMax), keptMax: 64, Limits.SlabBytesMax);
        RingBuffers = new RingBufferPool(Limits.RingBytes, keptMax: 32);
        PendingBudget = new PendingBudget(Limits.SharedAsksMax);
        Replies = new CompletionBatchPool(exception => TransportLog.ContinuationFailed(_logger, exception));
        Metrics = new TransportMetrics(this);
        Names = options.UsesClusterNames || options.Membership is not null ? new ClusterNames(this, options.RegistryTiming) : new NameRegistry(this);
        AddRouter(IdSpace.Name, Names.Router);
        if (Names is ClusterNames names)
        {
            AddRouter(IdSpace.NameOrder, names.Orders);
        }

        foreach ((byte space, RequestRouter router) in options.Routers)
        {
            AddRouter(space, router);
        }
    }

    /// <summary>Who this node is.</summary>
    public PeerId Id => _tls.Id;

    /// <summary>The address it listens on, port 0 replaced; null when it only dials.</summary>
    public IPEndPoint? LocalEndPoint => _listener?.LocalEndPoint as IPEndPoint;

    /// <summary>The cluster's name.</summary>
    public string ClusterName => _options.ClusterName;

    /// <summary>The peers that are connected, and of those that were, or that views name, the last <see cref="TransportLimits.PeersKeptMax"/>.</summary>
    public IReadOnlyCollection<Peer> Peers => _peers.All;

    /// <summary>All bounds.</summary>
    public TransportLimits Limits { get; }

    /// <summary>Which life of this peer it is; with membership another one after each end of a life. Set by the control thread, and by tests.</summary>
    internal ulong Incarnation
    {
        get => Volatile.Read(ref _incarnation);
        set => Volatile.Write(ref _incarnation, value);
    }

    internal NodeClock Clock { get; }

    internal Random Random { get; }

    internal SlabPool Slabs { get; }

    internal RingBufferPool RingBuffers { get; }

    internal PendingBudget PendingBudget { get; }

    internal CompletionBatchPool Replies { get; }

    internal TransportMetrics Metrics { get; }

    internal NodeNames Names { get; }

    internal bool IsClient => _options.IsClient;

    internal TimeSpan AskTimeout => _options.AskTimeout;

    internal TimeSpan TellTimeout => _options.TellTimeout;

    internal int PeerCount => _peers.Count;

    internal int ConnectionCount => Volatile.Read(ref _connectionCount);

    internal int PendingAskCount => _connections.Keys.Sum(static connection => connection.PendingCount);

    internal int WaitingRequestCount => _connections.Keys.Sum(static connection => connection.WaitingCount);

    internal long WaitingReplyBytes => _connections.Keys.Sum(static connection => connection.WaitingReplyBytes);

    internal IEnumerable<Connection> OpenConnections => _connections.Keys.Where(static connection => connection.State == ConnectionState.Open);

    /// <summary>Starts a node: listens, begins to dial the seeds, announces itself.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message has every error.</exception>
    /// <exception cref="TransportException">The address cannot be listened on.</exception>
    public static Task<TransportNode> StartAsync(TransportOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> errors = options.Validate();
        if (errors.Count != 0)
        {
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        }

        return StartValidatedAsync(new TransportNode(options), cancellation);
    }

    /// <summary>Connects to a peer and keeps it connected: dialled again with back-off whenever its connection ends.</summary>
    /// <param name="address"><c>HOST:PORT</c>; a name is resolved anew before each dial.</param>
    /// <param name="expected">Who must answer. Null: whoever the trust policy admits, then fixed.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">It is no address.</exception>
    /// <exception cref="TransportException">The first dial failed; <see cref="TransportException.Reason"/> says how.</exception>
    public Task<Peer> ConnectAsync(string address, PeerId? expected = null, CancellationToken cancellation = default) =>
        AddressText.TryParse(address, out EndPoint? endPoint)
            ? ConnectAsync(endPoint, expected, cancellation)
            : throw new ArgumentException($"'{address}' is not HOST:PORT.", nameof(address));

    /// <inheritdoc cref="ConnectAsync(string, PeerId?, CancellationToken)"/>
    public async Task<Peer> ConnectAsync(EndPoint address, PeerId? expected = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        var dialer = new Dialer(this, [address], expected);
        Peer peer = await dialer.ConnectAsync(cancellation).ConfigureAwait(false);
        if (!TryAddDialer($"{AddressText.Of(address)}#{peer.Id}", dialer))
        {
            dialer.Stop(); // Another dialer keeps the same peer connected already.
        }

        return peer;
    }

    /// <summary>Registers a name on this node. With membership every member and client hears of it, else every connected peer.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8.</param>
    /// <param name="handler">What handles its tells and asks.</param>
    /// <param name="metadata">Up to 1 KiB that look-ups see; copied.</param>
    /// <param name="priority">How soon others hear of it.</param>
    /// <returns>At once: <see cref="NameRegistration.VisibleAsync"/> waits until all know it. Others may have registered the same name: <see cref="NameRegistration.IsLost"/>.</returns>
    /// <exception cref="ArgumentException">The name or the metadata is too long.</exception>
    /// <exception cref="InvalidOperationException">The name is registered here already, or too many are.</exception>
    public NameRegistration Register(
        string name, NameHandler handler, ReadOnlyMemory<byte> metadata = default, RegistrationPriority priority = RegistrationPriority.Normal) =>
        Names.Register(name, handler, priority, metadata);

    /// <summary>Who has a name now; null when nobody known does. Of several, the one every node picks. From the second look-up of a name on without a lock or an allocation.</summary>
    public RemoteName? Lookup(string name) => Names.Find(name);

    /// <summary>Everybody who has a name now, the one that <see cref="Lookup"/> gives first.</summary>
    public IReadOnlyList<RemoteName> LookupAll(string name) => Names.FindAll(name);

    /// <summary>Waits until somebody has a name.</summary>
    /// <exception cref="InvalidOperationException">As many names as <see cref="TransportLimits.NameWatchesMax"/> allows are waited for.</exception>
    /// <exception cref="OperationCanceledException">The token fired first.</exception>
    /// <exception cref="ObjectDisposedException">The node was stopped.</exception>
    public Task<RemoteName> LookupAsync(string name, CancellationToken cancellation) => Names.WaitForAsync(name, cancellation);

    /// <summary>All registrations known now whose name begins so, those included that look-ups do not pick. Made anew at each call, under the lock that changes take, and as large as what it finds.</summary>
    /// <param name="prefix">How the names begin; empty for all.</param>
    public IReadOnlyList<RemoteName> Snapshot(string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return Names.Snapshot(prefix);
    }

    /// <summary>
    /// Watches a name, or all names that begin so: first what is registered, as <see cref="NameChangeKind.Added"/>, then each change. Every enumeration is a watch of its own; it ends with the node.
    /// </summary>
    /// <param name="pattern">The name, or how names begin.</param>
    /// <param name="isPrefix">Which of the two.</param>
    /// <param name="bufferCount">
    /// Changes that wait for a slow reader. When one more comes they are dropped, and <see cref="NameChangeKind.Reset"/> and all that is registered by then come instead. Default 1,024.
    /// </param>
    /// <param name="cancellation">Ends the watch.</param>
    /// <exception cref="InvalidOperationException">When enumerated: there are as many watches as <see cref="TransportLimits.NameWatchesMax"/> allows.</exception>
    /// <exception cref="OperationCanceledException">When enumerated: the token fired.</exception>
    public IAsyncEnumerable<NameChange> WatchAsync(string pattern, bool isPrefix = false, int bufferCount = 1024, CancellationToken cancellation = default) =>
        Names.WatchAsync(pattern, isPrefix, bufferCount, cancellation);

    /// <summary>The peer of an id, if it is among <see cref="Peers"/>.</summary>
    public Peer? FindPeer(PeerId id) => _peers.Find(id);

    internal RequestRouter? RouterOf(byte space) => _routers[space];

    internal void CancelRequest(Connection connection, ulong correlation)
    {
        foreach (RequestRouter router in _allRouters)
        {
            router.Cancel(connection, correlation);
        }
    }

    internal void EndRequestBatch(Connection connection)
    {
        foreach (RequestRouter router in _allRouters)
        {
            router.EndBatch(connection);
        }
    }

    /// <summary>Completes one ask or tell on the pool.</summary>
    internal void Post(Completion item)
    {
        CompletionBatch batch = Replies.Rent();
        batch.Add(item);
        batch.Post();
    }

    internal Peer PeerOf(PeerId id) => _peers.Of(id);

    /// <summary>Takes memory for a payload that is being gathered; false beyond the limit.</summary>
    internal bool TryTakeGathered(int bytes)
    {
        if (Interlocked.Add(ref _gatheredBytes, bytes) <= Limits.GatheredBytesMax)
        {
            return true;
        }

        Interlocked.Add(ref _gatheredBytes, -bytes);
        return false;
    }

    /// <summary>Gives it back.</summary>
    internal void ReturnGathered(int bytes) => Interlocked.Add(ref _gatheredBytes, -bytes);

    /// <summary>Memory of payloads that are being gathered, or wait.</summary>
    internal long GatheredBytes => Interlocked.Read(ref _gatheredBytes);

    /// <summary>Streams open in either direction.</summary>
    internal int StreamCount => _connections.Keys.Sum(static connection => connection.StreamCount);

    internal Hello MakeHello() => new()
    {
        StreamsMax = Limits.StreamsMax,
        StreamWindowBytes = Limits.StreamWindowBytes,
        PayloadBytesMax = Limits.PayloadBytesMax,
        ClusterName = _options.ClusterName,
        Incarnation = Incarnation,
        ClusterId = ClusterId,
        AdvertisedAddress = AdvertisedAddress ?? string.Empty,
        IsClient = _options.IsClient,
        FrameBytesMax = Limits.FrameBytesMax,
        WindowBytes = Limits.WindowBytes,
        InternedIdsMax = Limits.InternedIdsMax,
        InternedBytesMax = Limits.InternedBytesMax,
        ApplicationData = _options.ApplicationHello,
    };

    /// <summary>Dials once and waits for both hellos.</summary>
    internal async Task<Connection> DialAsync(EndPoint address, PeerId? expected, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Limits.HandshakeTimeout, Clock.Provider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        ILink link;
        try
        {
            link = await _medium.DialAsync(address, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TransportException(CloseReason.Unreachable, $"Cannot reach {AddressText.Of(address)}: no answer within {Limits.HandshakeTimeout.TotalSeconds:0.#} s.");
        }

        Connection connection = Begin(link, isDialler: true, expected) ??
            throw (_stopping
                ? new TransportException(CloseReason.Shutdown, "The node stops.")
                : new TransportException(CloseReason.TooManyConnections, $"{Limits.ConnectionsMax} connections stand already."));
        try
        {
            await connection.Opened.WaitAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch (TransportException exception)
        {
            throw new TransportException(exception.Reason, $"{AddressText.Of(address)} was reached, but the connection was refused: {exception.Message}.", exception);
        }
        catch (OperationCanceledException)
        {
            connection.Close(CloseReason.Shutdown, "given up");
            throw;
        }
    }

    internal IConnectionObserver? ConnectionObserver => _options.ConnectionObserver;

    internal void OnConnectionOpen(Connection connection)
    {
        TransportLog.Connected(_logger, connection.PeerId.ToShortString(), AddressOf(connection));
        ConnectionObserver?.OnOpen(connection);
        Peer peer = _peers.Attach(connection);
        Names.OnOpen(connection);
        _options.PeerConnected?.Invoke(peer);
    }

    internal void OnConnectionClosed(Connection connection)
    {
        if (!_connections.TryRemove(connection, out _))
        {
            return;
        }

        Interlocked.Decrement(ref _connectionCount);
        Metrics.CountClosed(connection.CloseReason);
        bool wasOpen = connection.PeerHello is not null;
        if (!wasOpen)
        {
            if (!connection.IsDialler && _refusals.Tells(Clock.NowMilliseconds, connection.CloseReason, out long untold))
            {
                if (untold != 0)
                {
                    TransportLog.RefusedMore(_logger, untold, connection.CloseReason);
                }

                TransportLog.Refused(_logger, AddressOf(connection), connection.CloseReason, connection.CloseDetail); // Who dialled is told, and says so once.
            }

            return;
        }

        TransportLog.Ended(_logger, connection.PeerId.ToShortString(), AddressOf(connection), connection.CloseReason, connection.CloseDetail);
        ConnectionObserver?.OnClosed(connection);
        if (_peers.Detach(connection) is { } peer)
        {
            Names.OnGone(peer.Id);
            _options.PeerDisconnected?.Invoke(peer);
        }
    }

    internal void LogInternalError(Exception exception, Connection connection) => TransportLog.InternalError(_logger, exception, AddressOf(connection));

    internal void LogInternalError(Exception exception, EndPoint address) => TransportLog.InternalError(_logger, exception, AddressText.Of(address));

    internal void LogDialFailed(EndPoint address, TransportException exception) =>
        TransportLog.DialFailed(_logger, AddressText.Of(address), exception.Reason, exception.Message);

    internal void LogHandlerFailed(Exception exception, string name, bool isAsk)
    {
        if (!isAsk)
        {
            TransportLog.TellHandlerFailed(_logger, exception, name);
        }
    }

    internal void LogNameSettled(string name, bool isLost, PeerId? owner)
    {
        if (isLost)
        {
            TransportLog.NameLost(_logger, name, owner?.ToShortString() ?? "another node");
        }
        else
        {
            TransportLog.NameRegained(_logger, name);
        }
    }

    internal void LogRegistryFailed(Exception exception) => TransportLog.RegistryFailed(_logger, exception);

    internal void LogNameRefused(string name, string why) => TransportLog.NameRefused(_logger, name, why);

    private static async Task<TransportNode> StartValidatedAsync(TransportNode node, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            node.Start();
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static string AddressOf(Connection connection) => connection.RemoteEndPoint is { } address ? AddressText.Of(address) : "nowhere";

    private void Start()
    {
        if (_options.Trust!.IsOpen)
        {
            TransportLog.Open(_logger);
        }

        _lastTick = _lastLetGo = Clock.NowMilliseconds;
        _tick = Clock.Provider.CreateTimer(static node => ((TransportNode)node!).Tick(), this, s_tickPeriod, s_tickPeriod);
        if (_options.Membership is { } membership)
        {
            StartMembership(membership);
        }
        else if (_options.Listen is { } address)
        {
            _listener = _medium.Listen(address, link => Begin(link, isDialler: false));
        }

        if (_listener is not null)
        {
            TransportLog.Listening(_logger, Id.ToString(), AddressText.Of(_listener.LocalEndPoint), ClusterName, _options.Trust.Description);
        }

        StartSeeds();
        StartDiscovery();
    }

    private void AddRouter(byte space, RequestRouter router)
    {
        _routers[space] = router;
        _allRouters.Add(router);
    }

    /// <summary>Takes a link over; null, and the link is closed, when there are too many or the node stops.</summary>
    private Connection? Begin(ILink link, bool isDialler, PeerId? expected = null)
    {
        int count = Interlocked.Increment(ref _connectionCount);
        if (count > Limits.ConnectionsMax && !_stopping)
        {
            TransportLog.TooManyConnections(_logger, count - 1, link.RemoteEndPoint is { } remote ? AddressText.Of(remote) : "nowhere");
            Metrics.CountClosed(CloseReason.TooManyConnections);
        }

        if (count > Limits.ConnectionsMax || _stopping || TryBeginSession(isDialler, expected) is not { } session)
        {
            Interlocked.Decrement(ref _connectionCount);
            link.Close();
            return null;
        }

        var connection = new Connection(this, link, session, isDialler, isDialler ? (ulong)Interlocked.Increment(ref _dialCount) : 0);
        _connections.TryAdd(connection, 0);
        connection.Start();
        if (_stopping)
        {
            connection.Close(CloseReason.Shutdown, "the node stops"); // Whoever stops it may have looked before it was added.
        }

        return connection;
    }

    /// <summary>A session; null when the node has stopped meanwhile.</summary>
    private TlsSession? TryBeginSession(bool isDialler, PeerId? expected)
    {
        try
        {
            return isDialler ? _tls.CreateClient(expected) : _tls.CreateServer();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    private void Tick()
    {
        // A tick that takes longer than the period is not run twice at a time.
        if (Interlocked.Exchange(ref _ticking, 1) != 0)
        {
            return;
        }

        try
        {
            long now = Clock.NowMilliseconds;
            long late = Math.Max(0, now - _lastTick - (10 * (long)s_tickPeriod.TotalMilliseconds));
            _lastTick = now;
            foreach (KeyValuePair<Connection, byte> entry in _connections)
            {
                entry.Key.Tick(now, late);
            }

            _peers.Tick(now);
            Names.Tick();
            if (now - _lastLetGo >= UnneededMilliseconds)
            {
                _lastLetGo = now;
                RingBuffers.LetGo();
                Slabs.LetGo();
            }
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }
}
