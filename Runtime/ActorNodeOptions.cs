using System.Net;
using System.Reflection;
using Kameo.Actors.Catalog;
using Kameo.Actors.Collection;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors;

/// <summary>How an <see cref="ActorNode"/> is set up. Read once at start; every error is reported at once.</summary>
public sealed class ActorNodeOptions
{
    /// <summary>Who may connect, in either direction. Required: there is no default of "anyone".</summary>
    public TrustPolicy? Trust { get; set; }

    /// <summary>The node's secret key: its identity. Default: a fresh one, forgotten when the node stops.</summary>
    public SecretKey? Key { get; set; }

    /// <summary>Nodes of one name form a cluster; others are refused. Default <c>default</c>.</summary>
    public string ClusterName { get; set; } = "default";

    /// <summary>Where to listen; port 0 takes a free one. Null: this node only dials, which takes <see cref="IsClient"/>, or no <see cref="Membership"/>. Default <c>127.0.0.1:0</c>.</summary>
    public IPEndPoint? Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <inheritdoc cref="TransportOptions.AdvertisedAddress"/>
    public string? AdvertisedAddress { get; set; }

    /// <inheritdoc cref="TransportOptions.Seeds"/>
    public IList<string> Seeds { get; } = [];

    /// <inheritdoc cref="TransportOptions.DnsResolver"/>
    public IDnsResolver? DnsResolver { get; set; }

    /// <summary>Whether to announce this node by mDNS when it listens, and to find others of the cluster. Default false.</summary>
    public bool Mdns { get; set; }

    /// <summary>Whether this node only calls: it hosts no actors, whatever classes the process has. Default false.</summary>
    public bool IsClient { get; set; }

    /// <summary>
    /// How the node takes part in its cluster: it is a member, or if it <see cref="IsClient"/> follows one. Null: no membership. Then it knows only whom it is connected to, and nothing keeps two nodes that are not connected
    /// from running the same actor.
    /// </summary>
    public MembershipOptions? Membership { get; set; } = new();

    /// <summary>Which actor classes this node hosts; null: every class that generated code registered in this process.</summary>
    public Func<Type, bool>? Hosts { get; set; }

    /// <summary>How long an ask may take unless its method or caller says otherwise. Default 30 s.</summary>
    public TimeSpan AskTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a tell may wait for room before it fails as not sent. Default 10 s.</summary>
    public TimeSpan TellTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call waits for a node that hosts its actor's class to appear, within its own time. Default 5 s.</summary>
    public TimeSpan WaitForHost { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls that an actor's mailbox holds before local senders wait. 1 to 1,048,576; default 1,024.</summary>
    public int MailboxCapacity { get; set; } = 1024;

    /// <summary>
    /// Whether an ask of an idle actor of this node may run on its caller's stack, before the call returns: on its thread, and under locks that it holds. Only methods that have been short do; <see cref="QueueLocalAsksAttribute"/>
    /// excepts a class. What runs there is still one turn at a time, in the callee's contexts. Default true.
    /// </summary>
    public bool InlineLocalAsks { get; set; } = true;

    /// <summary>Asks to actors on this node that may wait for an answer at a time. Default 262,144.</summary>
    public int LocalAsksMax { get; set; } = 262_144;

    /// <summary>Calls that wait to be sent later (<see cref="ActorReferenceExtensions.After"/>) at a time; more are refused. Default 65,536.</summary>
    public int DelayedCallsMax { get; set; } = 65_536;

    /// <summary>Subscribers of topics (<see cref="ActorNode.Topic"/>) on this node at a time; more are refused. Default 16,384.</summary>
    public int TopicSubscribersMax { get; set; } = 16_384;

    /// <summary>Messages of a topic that wait for one subscriber; more are dropped and counted. Default 1,024.</summary>
    public int TopicQueueMax { get; set; } = 1024;

    /// <summary>Local objects that references made by <see cref="ActorNode.CreateObserverReference"/> may stand for at a time. Default 65,536.</summary>
    public int ObserversMax { get; set; } = 65_536;

    /// <summary>How long an activation is left alone before it is collected. Positive; default 15 minutes (Orleans'). Looked for every 10 s, or as often as the shortest age.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The same for single actor classes, in place of <see cref="CollectionAge"/> and of <see cref="CollectionAgeLimitAttribute"/>. Each positive; default none.</summary>
    public IDictionary<Type, TimeSpan> ClassSpecificCollectionAge { get; } = new Dictionary<Type, TimeSpan>();

    /// <summary>Where actors of single classes run, in place of what their <see cref="ActorPlacementAttribute"/> or Orleans' attributes say. The same on every node that hosts the class. Default none.</summary>
    public IDictionary<Type, ActorPlacementAttribute> ClassSpecificPlacement { get; } = new Dictionary<Type, ActorPlacementAttribute>();

    /// <summary>
    /// Whether actors are deactivated when memory is short: those used longest ago, never one that runs, has calls waiting, is <c>[KeepAlive]</c> or delayed its deactivation. Default false, as in Orleans.
    /// </summary>
    public bool ShedOnMemoryPressure { get; set; }

    /// <summary>Of the memory the process may use, the percentage in use from which actors are shed, as the garbage collector saw it when it last ran. Above 0 to 100; default 80 (Orleans').</summary>
    public double MemoryUsageLimitPercentage { get; set; } = 80;

    /// <summary>The percentage that shedding aims at: so large a part of the actors goes as memory in use is above it. Positive, below <see cref="MemoryUsageLimitPercentage"/>; default 75 (Orleans').</summary>
    public double MemoryUsageTargetPercentage { get; set; } = 75;

    /// <summary>How often memory is looked at. Positive, in steps of 100 ms; default 5 s (Orleans').</summary>
    public TimeSpan MemoryUsagePollingPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Ends of links that this node keeps for its actors: two for a link within the node. More are refused. Positive; default 262,144 (about 50 MB).</summary>
    public int LinksMax { get; set; } = 262_144;

    /// <summary>How long <see cref="Actor.OnActivateAsync"/> may take. Then its token fires, and after <see cref="DeactivationTimeout"/> more it is left behind; the calls that wait for it fail with an <see cref="ActorActivationException"/>. Positive, at most 24 days; default 30 s (Orleans').</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="Actor.OnDeactivateAsync"/> may take, and then the disposal of the actor, and that of its services. Positive, at most 24 days; default 5 s each.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running turns are given when the node stops. Positive, at most 24 days (a timer takes no more); default 30 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What actors' constructors get their parameters from. Default: nothing; <c>AddActorNode</c> sets the host's.</summary>
    public IServiceProvider? Services { get; set; }

    /// <summary>
    /// What <see cref="Services"/> was built from: tells which services are scoped. An actor class whose constructor asks for one (or for a transient one that is disposable, made by a factory, or
    /// constructed with a scoped one) gets a scope for each activation, disposed after its <see cref="Actor.OnDeactivateAsync"/>; other classes get none, so their activations stay small. Which class
    /// does is found out once, at its first activation. An injected <see cref="IServiceProvider"/> opens one when it is asked for such a service, until its activation ends. Read when the node is made. Null: no scopes, all services come from the root. <c>AddActorNode</c> sets it.
    /// </summary>
    public IEnumerable<ServiceDescriptor>? ServiceDescriptors { get; set; }

    /// <summary>What runs around every call that actors of this node get, in order; those among the services come after them. Default: nothing.</summary>
    public IList<IIncomingActorCallFilter> IncomingFilters { get; } = [];

    /// <summary>What runs around every call made through this node's references, in order; those among the services come after them. Default: nothing.</summary>
    public IList<IOutgoingActorCallFilter> OutgoingFilters { get; } = [];

    /// <summary>How sockets are read. Default <see cref="TransportLoop.Epoll"/> on Linux, <see cref="TransportLoop.Portable"/> elsewhere.</summary>
    public TransportLoop Loop { get; set; } = TransportOptions.DefaultLoop;

    /// <summary>All bounds of the transport.</summary>
    public TransportLimits Limits { get; set; } = new();

    /// <summary>The source of time. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where logs go; null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Reads how much memory is in use; replaced by tests.</summary>
    internal Func<MemoryReading> MemoryReader { get; set; } = MemoryReading.OfLastCollection;

    internal ILinkMedium? Medium { get; set; }

    /// <summary>Every error of these options, one sentence each; empty when a node can be started with them.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>(ToTransport(default).Validate());
        Positive(WaitForHost, nameof(WaitForHost));
        Positive(CollectionAge, nameof(CollectionAge));
        Positive(MemoryUsagePollingPeriod, nameof(MemoryUsagePollingPeriod));
        foreach ((Type type, TimeSpan age) in ClassSpecificCollectionAge)
        {
            Positive(age, $"{nameof(ClassSpecificCollectionAge)} of {type}");
        }

        IEnumerable<(Type Type, ActorPlacementAttribute? Said)> said =
        [
            .. ClassSpecificPlacement.Select(static one => (one.Key, (ActorPlacementAttribute?)one.Value)),
            .. ActorCatalog.Classes.Select(static one => (one.Type, one.Type.GetCustomAttribute<ActorPlacementAttribute>(inherit: true))).Where(one => !ClassSpecificPlacement.ContainsKey(one.Type)),
        ];
        foreach ((Type type, ActorPlacementAttribute? how) in said)
        {
            ValidatePlacement(type, how, errors);
        }

        foreach (Type type in ClassSpecificPlacement.Keys.Union(ClassSpecificCollectionAge.Keys).Where(static type => type is { IsAbstract: true } or { ContainsGenericParameters: true } || !type.IsSubclassOf(typeof(Actor))))
        {
            errors.Add($"{type} is no class of actors: {nameof(ClassSpecificPlacement)} and {nameof(ClassSpecificCollectionAge)} are for those, not for interfaces, base classes or open generic ones.");
        }

        if (!(MemoryUsageLimitPercentage is > 0 and <= 100))
        {
            errors.Add($"{nameof(MemoryUsageLimitPercentage)} must be above 0 and at most 100.");
        }

        if (!(MemoryUsageTargetPercentage > 0 && MemoryUsageTargetPercentage < MemoryUsageLimitPercentage))
        {
            errors.Add($"{nameof(MemoryUsageTargetPercentage)} must be positive and below {nameof(MemoryUsageLimitPercentage)}.");
        }

        Timed(ActivationTimeout, nameof(ActivationTimeout));
        Timed(DeactivationTimeout, nameof(DeactivationTimeout));
        Timed(DrainTimeout, nameof(DrainTimeout));

        if (MailboxCapacity is < 1 or > 1024 * 1024)
        {
            errors.Add($"{nameof(MailboxCapacity)} must be 1 to 1,048,576.");
        }

        if (LocalAsksMax < 1)
        {
            errors.Add($"{nameof(LocalAsksMax)} must be positive.");
        }

        if (LinksMax < 1)
        {
            errors.Add($"{nameof(LinksMax)} must be positive.");
        }

        if (TopicSubscribersMax < 1)
        {
            errors.Add($"{nameof(TopicSubscribersMax)} must be positive.");
        }

        if (TopicQueueMax < 1)
        {
            errors.Add($"{nameof(TopicQueueMax)} must be positive.");
        }

        if (DelayedCallsMax < 1)
        {
            errors.Add($"{nameof(DelayedCallsMax)} must be positive.");
        }

        if (ObserversMax < 1)
        {
            errors.Add($"{nameof(ObserversMax)} must be positive.");
        }

        if (IncomingFilters.Contains(null!) || OutgoingFilters.Contains(null!))
        {
            errors.Add($"{nameof(IncomingFilters)} and {nameof(OutgoingFilters)} must not contain null.");
        }

        return errors;

        void Timed(TimeSpan value, string name)
        {
            Positive(value, name);
            if (value > MembershipOptions.LeaveTimeoutMax)
            {
                errors.Add($"{name} must be at most {MembershipOptions.LeaveTimeoutMax.Days} days."); // A timer takes no more.
            }
        }

        void Positive(TimeSpan value, string name)
        {
            if (value <= TimeSpan.Zero)
            {
                errors.Add($"{name} must be positive.");
            }
        }
    }

    private static void ValidatePlacement(Type type, ActorPlacementAttribute? how, List<string> errors)
    {
        if (how is { Placement: ActorPlacement.Pinned, Label: null or "" })
        {
            errors.Add($"{type} is pinned without a {nameof(ActorPlacementAttribute.Label)}: the label that a node must have, or the id of one.");
        }

        if (how is { Placement: var placement } && !Enum.IsDefined(placement))
        {
            errors.Add($"{type} has a placement that is none: {placement}.");
        }

        if (how is { Placement: not ActorPlacement.Hashed } && WorkerTerms.MaxOf(type) != 0)
        {
            errors.Add($"{type} is a stateless worker, so it is on every node that hosts it ({nameof(Hosts)}), and cannot be placed.");
        }
    }

    internal TransportOptions ToTransport(ReadOnlyMemory<byte> hello)
    {
        var transport = new TransportOptions
        {
            Trust = Trust,
            Key = Key,
            ClusterName = ClusterName,
            Listen = Listen,
            AdvertisedAddress = AdvertisedAddress,
            DnsResolver = DnsResolver,
            Mdns = Mdns,
            IsClient = IsClient,
            AskTimeout = AskTimeout,
            TellTimeout = TellTimeout,
            Loop = Loop,
            Limits = Limits,
            TimeProvider = TimeProvider,
            LoggerFactory = LoggerFactory,
            ApplicationHello = hello,
            Medium = Medium,
            Membership = Medium is null or ISocketMedium ? Membership : null, // A network in memory has no control lane.
        };
        foreach (string seed in Seeds)
        {
            transport.Seeds.Add(seed);
        }

        return transport;
    }
}
