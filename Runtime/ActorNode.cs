using System.Collections.Concurrent;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Collection;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Hosting;
using Kameo.Actors.Observers;
using Kameo.Actors.Placement;
using Kameo.Actors.Routing;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Supervision;
using Kameo.Actors.Topics;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Views;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace Kameo.Actors;

/// <summary>A node: it hosts actors, or only calls them, and is connected to other nodes. Thread safe.</summary>
/// <example>
/// <code>
/// await using ActorNode node = await ActorNode.StartAsync(new ActorNodeOptions { Trust = TrustPolicy.Secret("correct horse", "demo"), ClusterName = "demo" });
/// Pong pong = await node.Get&lt;IPing&gt;("server").Ping(new Ping(1));
/// </code>
/// </example>
public sealed partial class ActorNode : IActors, IAsyncDisposable
{
    private static readonly TimeSpan s_tickPeriod = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly RuntimeMetrics _metrics;
    private ViewHosts? _views;
    private TransportNode? _transport;
    private LocalAsks? _localAsks;
    private ITimer? _tick;
    private int _ticking;
    private TaskCompletionSource? _stopped;

    internal ActorNode(ActorNodeOptions options)
    {
        Options = options;
        _logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Kameo.Actors");
        Clock = new NodeClock(options.TimeProvider);
        Services = new NodeServices(this, options.Services);
        ServiceLifetimes = options is { Services: { } root, ServiceDescriptors: { } descriptors } ? new ServiceLifetimes(root, descriptors) : null;
        Failures = new FailureLedger(Clock);
        Links = new ActorLinks(this);
        Collector = new ActivationCollector(this);
        Lapse = new LeaseLapse(this);
        Deadlocks = new DeadlockWatch(this);
        Chains = new ChainQuestions(this);
        Sender = new CallSender(this);
        Router = new ActorRouter(this);
        WithoutHost = new CallsWithoutHost(this);
        Delayed = new DelayedCalls(this);
        Activations = new ActivationTable(this);
        Observers = new ObserverTable(Clock, options.ObserversMax);
        Topics = new TopicTable(this);
        _metrics = new RuntimeMetrics(this);
    }

    /// <summary>Who this node is.</summary>
    /// <exception cref="InvalidOperationException">It has not been started.</exception>
    public PeerId Id => Transport.Id;

    /// <summary>Its transport: bound address, peers, connecting to others.</summary>
    /// <exception cref="InvalidOperationException">It has not been started.</exception>
    public TransportNode Transport => _transport ?? throw new InvalidOperationException("The node has not been started.");

    /// <summary>How many actors are in memory here.</summary>
    public int ActivationCount => Activations.Count;

    internal ActorNodeOptions Options { get; }

    internal ILogger Logger => _logger;

    internal RuntimeMetrics Metrics => _metrics;

    internal NodeClock Clock { get; }

    internal NodeServices Services { get; }

    /// <summary>Which services need a scope; null: nobody said what they were built from.</summary>
    internal ServiceLifetimes? ServiceLifetimes { get; }

    /// <summary>What is remembered of actors that failed.</summary>
    internal FailureLedger Failures { get; }

    /// <summary>What ends idle activations.</summary>
    internal ActivationCollector Collector { get; }

    /// <summary>The links of its actors.</summary>
    internal ActorLinks Links { get; }

    /// <summary>What finds actors that wait for each other.</summary>
    internal DeadlockWatch Deadlocks { get; }

    internal ChainQuestions Chains { get; }

    internal CallSender Sender { get; }

    /// <summary>Where actors are whose slots pass from node to node; null on a node without membership.</summary>
    internal SlotGate? Slots { get; private set; }

    /// <summary>Where calls from other nodes come in.</summary>
    internal ActorRouter Router { get; }

    /// <summary>What waits for a node that hosts its actor.</summary>
    internal CallsWithoutHost WithoutHost { get; }

    /// <summary>What is sent later.</summary>
    internal DelayedCalls Delayed { get; }

    internal ActivationTable Activations { get; }

    internal HostTable Hosts { get; } = new();

    internal LocalAsks LocalAsks => Volatile.Read(ref _localAsks) ?? MakeLocalAsks();

    internal ConcurrentDictionary<(Connection, ulong), ActorCall> InboundCancellable { get; } = new();

    /// <summary>Those that were passed on, and whose callee is to be told when their caller gives up.</summary>
    internal ConcurrentDictionary<(Connection, ulong), ForwardedRequest> InboundForwarded { get; } = new();

    internal IIncomingActorCallFilter[] IncomingFilters { get; private set; } = [];

    /// <summary>Null for none: what every call looks at.</summary>
    internal IOutgoingActorCallFilter[]? OutgoingFilters { get; private set; }

    /// <summary>The activations that wait for the lease.</summary>
    internal LeaseLapse Lapse { get; }

    /// <summary>The incarnation under whose lease actors run; null for a node without membership.</summary>
    internal NodeLife? EntryLife => Options.IsClient ? null : _views?.Life;

    /// <summary>How long a lease lasts.</summary>
    internal long LeaseMilliseconds => (long)(Options.Membership?.EffectiveTiming.Lease.TotalMilliseconds ?? 0);

    internal TimeSpan AskTimeout => Options.AskTimeout;

    internal TimeSpan TellTimeout => Options.TellTimeout;

    /// <summary>Fires when the node stops.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Whether it was started: what waits is looked at from then on. Any thread; partner of the end of the start.</summary>
    internal bool IsTicking => Volatile.Read(ref _tick) is not null;

    internal int WaitingLocalAsks => _transport is null ? 0 : LocalAsks.Count;

    /// <summary>Starts a node.</summary>
    /// <exception cref="ArgumentException">The options are wrong; the message has every error.</exception>
    /// <exception cref="TransportException">The address cannot be listened on.</exception>
    public static async Task<ActorNode> StartAsync(ActorNodeOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var node = new ActorNode(options);
        await node.StartAsync(cancellation).ConfigureAwait(false);
        return node;
    }

    /// <inheritdoc/>
    public T Get<T>(string key)
        where T : IGrainWithStringKey => Refer<T>(ActorKey.Of(key));

    /// <inheritdoc/>
    public T Get<T>(Guid key)
        where T : IGrainWithGuidKey => Refer<T>(ActorKey.Of(key));

    /// <inheritdoc/>
    public T Get<T>(long key)
        where T : IGrainWithIntegerKey => Refer<T>(ActorKey.Of(key));

    /// <inheritdoc/>
    public T Get<T>(Guid key, string extension)
        where T : IGrainWithGuidCompoundKey => Refer<T>(ActorKey.Of(key, extension));

    /// <inheritdoc/>
    public T Get<T>(long key, string extension)
        where T : IGrainWithIntegerCompoundKey => Refer<T>(ActorKey.Of(key, extension));

    /// <inheritdoc cref="IActors.GetGrain{T}(string)"/>
    public T GetGrain<T>(string key)
        where T : IGrainWithStringKey => Get<T>(key);

    /// <inheritdoc cref="IActors.GetGrain{T}(Guid)"/>
    public T GetGrain<T>(Guid key)
        where T : IGrainWithGuidKey => Get<T>(key);

    /// <inheritdoc cref="IActors.GetGrain{T}(long)"/>
    public T GetGrain<T>(long key)
        where T : IGrainWithIntegerKey => Get<T>(key);

    /// <inheritdoc cref="IActors.GetGrain{T}(Guid, string)"/>
    public T GetGrain<T>(Guid key, string extension)
        where T : IGrainWithGuidCompoundKey => Get<T>(key, extension);

    /// <inheritdoc cref="IActors.GetGrain{T}(long, string)"/>
    public T GetGrain<T>(long key, string extension)
        where T : IGrainWithIntegerCompoundKey => Get<T>(key, extension);

    /// <summary>
    /// Moves an actor to another node: it ends where it is when its running turns have ended, and the next call finds it there. Returns when that is ordered; an actor that is nowhere yet, or is there, stays as it is.
    /// </summary>
    /// <param name="reference">The actor. Its class is placed by choice (<see cref="ActorPlacement"/>): where others are is computed, and cannot be chosen.</param>
    /// <param name="to">A member that hosts its class, with its label if the class is pinned to one.</param>
    /// <exception cref="ArgumentException">It is no reference, or the node is no such member.</exception>
    /// <exception cref="OverloadedException">This node, which has it on record, remembers 65,536 actors that were moved and have not been called since. (Another node passes the order over.)</exception>
    /// <exception cref="InvalidOperationException">The class is not placed by choice, as far as this process knows it; or the node has no membership.</exception>
    /// <exception cref="NodeUnreachableException">The node that has it on record is not connected.</exception>
    public void Move(object reference, PeerId to)
    {
        ActorId id = ActorId.Of(reference);
        if (Slots is not { } slots || !slots.PlacementOf(id.ClassName).IsRecorded)
        {
            throw new InvalidOperationException($"{id} cannot be moved: where it is is computed from its id. Classes with [ActorPlacement] can be moved, on nodes with membership.");
        }

        slots.Move(id, to);
    }

    /// <summary>Stops: running turns end within <see cref="ActorNodeOptions.DrainTimeout"/>, actors are deactivated, waiting calls refused, replies sent, peers told. Again waits for the first to be done.</summary>
    /// <param name="hurry">Ends the waiting for turns and deactivations earlier; what follows is bounded by <see cref="TransportLimits.LingerTimeout"/>.</param>
    public async Task StopAsync(CancellationToken hurry = default)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _stopped, mine, null) is { } first)
        {
            // Who disposes of what actors use once this returns must not do so while they still drain.
            using (hurry.UnsafeRegister(static hurried => ((CancellationTokenSource)hurried!).Cancel(), _hurry))
            {
                await first.Task.ConfigureAwait(false);
            }

            return;
        }

        try
        {
            await StopOnceAsync(hurry).ConfigureAwait(false);
        }
        finally
        {
            mine.SetResult();
        }
    }

    /// <inheritdoc cref="StopAsync"/>
    public ValueTask DisposeAsync() => new(StopAsync());

    internal async Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<string> errors = Options.Validate();
            if (errors.Count != 0)
            {
                throw new ArgumentException(string.Join(' ', errors));
            }

            await StartTransportAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            _transport = null; // It has ended itself.
            await StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StartTransportAsync(CancellationToken cancellation)
    {
        IncomingFilters = [.. Options.IncomingFilters, .. Given<IIncomingActorCallFilter>()];
        OutgoingFilters = [.. Options.OutgoingFilters, .. Given<IOutgoingActorCallFilter>()];
        OutgoingFilters = OutgoingFilters.Length == 0 ? null : OutgoingFilters;
        HostedTypes own = Options.IsClient
            ? HostedTypes.None
            : HostedTypes.Of(ActorCatalog.Classes.Where(found => Options.Hosts?.Invoke(found.Type) ?? true));
        TransportOptions options = Options.ToTransport(own.Encode());
        if (options.Membership is { } membership)
        {
            Slots = new SlotGate(this, new SleepClock(Options.TimeProvider));
            Hosts.Slots = Slots;
            _views = new ViewHosts(this, Slots);
            options.Membership = membership.With([.. own.Classes.Select(static hosted => hosted.ToString())], hasSlots: !Options.IsClient, _views);
            options.ConnectionObserver = Slots;
        }

        options.Routers.Add(IdSpace.Actor, Router);
        options.Routers.Add(IdSpace.ActorLink, new LinkRouter(this));
        options.Routers.Add(IdSpace.Deadlock, new DeadlockRouter(this));
        options.PeerConnected = OnPeerChanged;
        options.PeerDisconnected = OnPeerChanged;
        _transport = await TransportNode.StartAsync(options, cancellation).ConfigureAwait(false);
        Hosts.Set(new Host(_transport.Id, null), _views is null ? own : HostedTypes.None);
        RuntimeLog.Started(_logger, Id.ToShortString(), Transport.ClusterName, Transport.LocalEndPoint?.ToString() ?? "nowhere", own.Classes.Count);
        Volatile.Write(ref _tick, Clock.Provider.CreateTimer(static node => ((ActorNode)node!).Tick(), this, s_tickPeriod, s_tickPeriod));
    }

    private async Task StopOnceAsync(CancellationToken hurry)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Topics.EndAll();
        if (_transport is { } transport)
        {
            RuntimeLog.Stopping(_logger, Id.ToShortString(), ActivationCount);
            using var timeout = new CancellationTokenSource(Options.DrainTimeout, Clock.Provider);
            using var drained = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, hurry, _hurry.Token);
            if (Slots is not null && transport.Membership is { MemberCount: > 1 } membership)
            {
                Hosts.Leave();
                await Activations.EndWorkersAsync(drained.Token).ConfigureAwait(false);
                await membership.LeaveAsync(Options.DrainTimeout, drained.Token).ConfigureAwait(false); // Actors go on at other members.
            }

            await Activations.StopAsync(drained.Token).ConfigureAwait(false);
            if (ActivationCount is var left and not 0)
            {
                RuntimeLog.NotDrained(_logger, Id.ToShortString(), left);
            }

            await transport.DisposeAsync().ConfigureAwait(false);
        }

        Slots?.Dispose();

        if (_tick is not null)
        {
            await _tick.DisposeAsync().ConfigureAwait(false);
            _localAsks?.FailAll("the node was stopped, and did not wait any longer for its turns to end"); // Their time would be seen at a tick.
            Activations.Senders.Tick(long.MaxValue);
        }

        _metrics.Dispose();
    }

    /// <summary>The first asks may come on several threads at once, and all of them are in one table: an ask that is in another one is never answered.</summary>
    private LocalAsks MakeLocalAsks()
    {
        var made = new LocalAsks(Transport.PendingBudget, Options.LocalAsksMax);
        return Interlocked.CompareExchange(ref _localAsks, made, null) ?? made;
    }

    internal void LogTellFailed(Exception exception, ActorCall call) => RuntimeLog.TellFailed(_logger, exception, call.Target.ToString(), call.Method.ToString());

    internal void LogActivationFailed(Exception exception, ActorId id) => RuntimeLog.ActivationFailed(_logger, exception, id.ToString());

    internal void LogDeactivationFailed(Exception exception, ActorId id) => RuntimeLog.DeactivationFailed(_logger, exception, id.ToString());

    /// <summary>An activation has ended; in its executor.</summary>
    internal void OnActivationEnded(ActorId id, DeactivationReason reason, Exception? why)
    {
        _metrics.CountDeactivation(reason);
        Links.OnEnded(id, reason, why);
    }

    /// <summary>An incarnation of this node is over: its activations end without being entered, and who waits for one of them here is told.</summary>
    internal void OnLifeEnded(NodeLife life, LifeEnd reason)
    {
        foreach (Activation activation in Activations.All)
        {
            activation.Schedule(); // It looks whether it may go on, and ends.
        }

        LocalAsks.FailAll($"this incarnation of the node is over: {reason}");
        foreach (KeyValuePair<(Connection, ulong), ActorCall> call in InboundCancellable)
        {
            call.Value.CancelTurn();
        }
    }

    /// <summary>Views, and with them calls of other nodes, may come before the start of the transport is over.</summary>
    internal void Attach(TransportNode transport) => _transport = transport;

    internal void LogSlotsFailed(Exception exception) => RuntimeLog.SlotsFailed(_logger, exception);

    internal void CountLostTell(FaultCode code) => _metrics.CountLostTell(code);

    /// <summary>The same of one that came over a connection: its sender is told.</summary>
    internal void CountLostTell(FaultCode code, Connection? from)
    {
        _metrics.CountLostTell(code);
        from?.CountLostTell(code);
    }

    internal void CountDroppedContinuation() => _metrics.CountDroppedContinuation();

    /// <summary>A reference by interface and key, and class where one is meant.</summary>
    internal T Refer<T>(ActorKey key, string? className = null)
    {
        ActorInterface found = ActorCatalog.Get(typeof(T));
        return (T)(object)found.CreateReference(new ActorReferenceSeed(this, found, key, className));
    }

    private IEnumerable<T> Given<T>() => Options.Services?.GetService(typeof(IEnumerable<T>)) as IEnumerable<T> ?? [];

    /// <summary>A peer came or went: what it hosts is read from the connection it has now, so the order of two such notices does not matter.</summary>
    private void OnPeerChanged(Peer peer)
    {
        Slots?.OnConnected(peer);
        if (peer.Connection is { State: ConnectionState.Open, PeerHello: { } hello })
        {
            try
            {
                Hosts.Set(new Host(peer.Id, peer), _views is null ? HostedTypes.Decode(hello.ApplicationData.Span) : HostedTypes.None);
                return;
            }
            catch (MessagePackException exception)
            {
                RuntimeLog.BadHostedTypes(_logger, exception, peer.Id.ToString());
            }
        }

        Hosts.Remove(peer.Id);
        Links.OnNodeLost(peer.Id);
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
            Activations.Tick(now, s_tickPeriod);
            LocalAsks.Sweep(now);
            WithoutHost.Sweep(now);
            Lapse.Look(EntryLife);
            Collector.Tick(now);
            Deadlocks.Tick();
            Chains.Tick();
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }
}
