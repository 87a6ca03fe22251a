using System.Net;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Links.Epoll;
using Kameo.Actors.Transport.Links.Uring;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Requests;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport;

/// <summary>How a <see cref="TransportNode"/> is set up. Read once at start.</summary>
public sealed class TransportOptions
{
    /// <summary>Who may connect, in either direction. Required: there is no default of "anyone".</summary>
    public TrustPolicy? Trust { get; set; }

    /// <summary>The node's secret key: its identity. Default: a fresh one, forgotten when the node stops. The node does not dispose it.</summary>
    public SecretKey? Key { get; set; }

    /// <summary>Nodes of one name form a cluster; peers of another name are refused. 1 to 255 characters; default <c>default</c>.</summary>
    public string ClusterName { get; set; } = "default";

    /// <summary>Where to listen; port 0 takes a free one. Null: this node only dials. Default <c>127.0.0.1:0</c>.</summary>
    public IPEndPoint? Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// Where others reach this node, <c>HOST:PORT</c> or <c>HOST</c>, when that is not the bound address: behind a forwarded port, in a container. Told to peers. Null, the default: a node that
    /// listens takes the environment variable <c>KAMEO_ADVERTISED_ADDRESS</c>, written the same. Without a port, the one it listens on is added.
    /// </summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>
    /// Addresses (<c>HOST:PORT</c>) that are dialled from the start and again whenever their connection ends. The first who answers at an IP address is whom it must lead to from then on.
    /// A name may lead to several nodes, now these, then others: each of its addresses is dialled, whoever the trust policy admits may answer there, and it is resolved again before
    /// each further dial, and every <see cref="TransportLimits.DnsRefreshPeriod"/> while not all of its addresses are connected.
    /// </summary>
    public IList<string> Seeds { get; } = [];

    /// <summary>Who resolves the names of seeds and of dialled addresses. Null, the default: the operating system. The node does not dispose it.</summary>
    public IDnsResolver? DnsResolver { get; set; }

    /// <summary>Whether to announce this node by mDNS when it listens, and to find others of the same cluster name and connect to them. Default false.</summary>
    public bool Mdns { get; set; }

    /// <summary>Whether this node only calls: told to peers, who will not place anything on it.</summary>
    public bool IsClient { get; set; }

    /// <summary>
    /// Makes this node a member of a cluster with agreed views, or, if it <see cref="IsClient"/>, one that follows them. Null, the default: it knows only whom it is connected to, and the names of those.
    /// </summary>
    public MembershipOptions? Membership { get; set; }

    /// <summary>How long a raw ask may take unless it says otherwise. Default 30 s (kameo_remote's).</summary>
    public TimeSpan AskTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a tell may wait for room before it fails as not sent. Default 10 s.</summary>
    public TimeSpan TellTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How sockets are read. Default <see cref="TransportLoop.Epoll"/> on Linux, <see cref="TransportLoop.Portable"/> elsewhere.</summary>
    public TransportLoop Loop { get; set; } = DefaultLoop;

    /// <summary>All other bounds.</summary>
    public TransportLimits Limits { get; set; } = new();

    /// <summary>The source of time. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Seeds the jitter of dial back-off and mDNS; null draws a seed.</summary>
    public int? RandomSeed { get; set; }

    /// <summary>Where logs go; null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Writes TLS secrets in the NSS key log format, to decrypt a capture with. Anyone who has them reads everything: for debugging only. Default null.</summary>
    public TextWriter? TlsKeyLog { get; set; }

    /// <summary>What the layer above says of itself in the hello.</summary>
    internal ReadOnlyMemory<byte> ApplicationHello { get; set; }

    /// <summary>What the benchmarks say of this platform.</summary>
    internal static TransportLoop DefaultLoop => EpollMedium.IsSupported ? TransportLoop.Epoll : TransportLoop.Portable;

    /// <summary>Where links come from; null: TCP, read by <see cref="Loop"/>. The node does not dispose it.</summary>
    internal ILinkMedium? Medium { get; set; }

    /// <summary>The kernel that <see cref="TransportLoop.IoUring"/> meets; null: the one under this process.</summary>
    internal IUringKernel? UringKernel { get; set; }

    /// <summary>What <see cref="TransportLoop.IoUring"/> may use of it.</summary>
    internal UringFeatures UringFeatures { get; set; } = UringFeatures.All;

    /// <summary>Who understands which id space, besides the transport's own names.</summary>
    internal Dictionary<byte, RequestRouter> Routers { get; } = [];

    /// <summary>What the layer above is told of connections; null for nothing. Then a message in line with the requests is a violation of the protocol.</summary>
    internal IConnectionObserver? ConnectionObserver { get; set; }

    /// <summary>A peer got its first connection, or one again. On a receive loop: must not block. Set before the start, so that none is missed.</summary>
    internal Action<Peer>? PeerConnected { get; set; }

    /// <summary>A peer has no connection any more. Must not block.</summary>
    internal Action<Peer>? PeerDisconnected { get; set; }

    /// <summary>Whether names are those of all members of a cluster, told by gossip, instead of those of directly connected peers.</summary>
    internal bool UsesClusterNames { get; set; }

    /// <summary>How often that gossip speaks; null: as by default.</summary>
    internal RegistryTiming? RegistryTiming { get; set; }

    /// <summary>Every error of these options, one sentence each; empty when a node can be started with them.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (Trust is null)
        {
            errors.Add($"{nameof(Trust)} is required: TrustPolicy.Peers, Cluster, Secret, or Anyone.");
        }

        if (ClusterName is null or { Length: 0 or > Hello.TextLengthMax })
        {
            errors.Add($"{nameof(ClusterName)} must have 1 to {Hello.TextLengthMax} characters.");
        }

        Discovery.Seeds.AdvertisedAddress.Validate(this, errors);
        foreach (string seed in Seeds)
        {
            if (!AddressText.TryParse(seed, out _))
            {
                errors.Add($"The seed '{seed}' is not HOST:PORT.");
            }
        }

        if (!Enum.IsDefined(Loop) || (Loop is TransportLoop.Epoll or TransportLoop.IoUring && !EpollMedium.IsSupported))
        {
            errors.Add($"{nameof(Loop)} '{Loop}' is not available on this platform.");
        }

        if (AskTimeout <= TimeSpan.Zero || TellTimeout <= TimeSpan.Zero)
        {
            errors.Add("The ask and tell time-outs must be positive.");
        }

        if (ApplicationHello.Length > Hello.ApplicationBytesMax)
        {
            errors.Add($"The hello of the layer above has {ApplicationHello.Length} bytes; at most {Hello.ApplicationBytesMax} fit.");
        }

        Membership?.Validate(this, errors);
        if (Membership is not null && Medium is not (null or ISocketMedium))
        {
            errors.Add($"{nameof(Membership)} needs sockets.");
        }

        if (TimeProvider is null)
        {
            errors.Add($"{nameof(TimeProvider)} must not be null.");
        }

        if (Limits is null)
        {
            errors.Add($"{nameof(Limits)} must not be null.");
            return errors;
        }

        Limits.Validate(errors);
        if (UsesClusterNames || Membership is not null)
        {
            ClusterNames.Validate(Limits, errors);
        }

        return errors;
    }
}
