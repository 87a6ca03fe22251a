using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Discovery;

namespace Kameo.Actors.Transport;

/// <summary>Finding peers by mDNS: what this node announces, and what it does with what it finds.</summary>
public sealed partial class TransportNode
{
    /// <summary>Nodes found that wait to be taken, for each <see cref="DiscoverAllAsync"/>.</summary>
    public const int FoundMax = 256;

    private const string ServiceType = "_kameo._tcp";

    /// <summary>Failed dials after which a node found by mDNS is given up until it is announced anew.</summary>
    private const int FoundFailuresMax = 8;

    /// <summary>The same where one refuses the other's identity: it is of another cluster of that name, which stands beside this one.</summary>
    private const int FoundRefusalsMax = 2;

    /// <summary>How long the node of the higher id waits for the other to dial, so that two which find each other seldom dial both.</summary>
    private static readonly TimeSpan s_dialSecondDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _discoveryLock = new();
    private MulticastDns? _mdns;
    private IDisposable? _browsing;

    /// <summary>The name under which this node is announced; null while it is not.</summary>
    public string? AnnouncedName => _mdns?.AnnouncedName;

    /// <summary>Looks for a node of this cluster's name by mDNS and gives the first one found that is not this one. Connects to nothing.</summary>
    /// <param name="wanted">Who it must say it is; null: anybody.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OperationCanceledException">The token fired first: none was found.</exception>
    public async Task<DiscoveredNode> DiscoverAsync(PeerId? wanted = null, CancellationToken cancellation = default)
    {
        await foreach (DiscoveredNode node in DiscoverAllAsync(cancellation).ConfigureAwait(false))
        {
            if (wanted is null || node.Id == wanted)
            {
                return node;
            }
        }

        throw new OperationCanceledException(cancellation);
    }

    /// <summary>
    /// Looks for nodes of this cluster's name by mDNS and gives each that is found and is not this one, and again when it is found elsewhere. Connects to nothing: clusters of one name may stand beside each
    /// other, and only connecting shows which of them lets this node in.
    /// </summary>
    /// <remarks>At most <see cref="FoundMax"/> wait to be taken; the oldest makes room for one more.</remarks>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async IAsyncEnumerable<DiscoveredNode> DiscoverAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        Channel<DiscoveredNode> found = Channel.CreateBounded<DiscoveredNode>(new BoundedChannelOptions(FoundMax) { FullMode = BoundedChannelFullMode.DropOldest });
        using IDisposable browsing = Mdns().Browse(
            ServiceType,
            service =>
            {
                if (Understand(service) is { } node)
                {
                    found.Writer.TryWrite(node);
                }
            },
            static _ => { });
        await foreach (DiscoveredNode node in found.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            yield return node;
        }
    }

    /// <summary>Connects to a node found by <see cref="DiscoverAsync"/>, which must be the one it said it is, and keeps it connected.</summary>
    /// <exception cref="TransportException">None of its addresses led to it; the message of the last one.</exception>
    public async Task<Peer> ConnectAsync(DiscoveredNode node, CancellationToken cancellation = default)
    {
        var dialer = new Dialer(this, node.Addresses, node.Id);
        Peer peer = await dialer.ConnectAsync(cancellation).ConfigureAwait(false);
        if (!TryAddDialer($"mdns:{node.Name}", dialer))
        {
            dialer.Stop();
        }

        return peer;
    }

    private MulticastDns Mdns()
    {
        lock (_discoveryLock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            return _mdns ??= MulticastDns.Start(new MulticastDnsOptions
            {
                TimeProvider = Clock.Provider,
                Random = new Random(Random.Next()),
                Logger = _logger,
                ListeningAddress = LocalEndPoint?.Address, // IPv4's unspecified address takes no IPv6, so none is announced.
            });
        }
    }

    private void StartDiscovery()
    {
        if (!_options.Mdns)
        {
            return;
        }

        if (LocalEndPoint is { } address)
        {
            var text = new Dictionary<string, string>
            {
                ["v"] = Hello.ProtocolCurrent.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["id"] = Id.ToString(),
                ["cluster"] = ClusterName,
            };
            // The id makes the name unique; a conflict is resolved by renaming all the same.
            _ = Mdns().AnnounceAsync(new ServiceInstance($"kameo-{Id.ToShortString()}", ServiceType, (ushort)address.Port, [], text), CancellationToken.None)
                .ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        _browsing = Mdns().Browse(ServiceType, OnServiceFound, OnServiceLost);
    }

    private async Task StopDiscoveryAsync()
    {
        _browsing?.Dispose();
        MulticastDns? mdns;
        lock (_discoveryLock)
        {
            mdns = _mdns;
        }

        if (mdns is not null)
        {
            await mdns.DisposeAsync().ConfigureAwait(false);
        }
    }

    private DiscoveredNode? Understand(ServiceInstance service)
    {
        if (!service.Text.TryGetValue("cluster", out string? cluster) || cluster != ClusterName)
        {
            return null;
        }

        PeerId? id = service.Text.TryGetValue("id", out string? text) && PeerId.TryParse(text, null, out PeerId parsed) ? parsed : null;
        return id == Id ? null : new DiscoveredNode(service.InstanceName, cluster, id, [.. service.Addresses.Select(address => new IPEndPoint(address, service.Port))]);
    }

    private void OnServiceFound(ServiceInstance service)
    {
        if (_stopping || Understand(service) is not { } node)
        {
            return;
        }

        string key = $"mdns:{node.Name}";
        var dialer = new Dialer(this, node.Addresses, node.Id) { FailuresMax = FoundFailuresMax, RefusalsMax = FoundRefusalsMax };
        if (_dialers.TryGetValue(key, out Dialer? known))
        {
            if (!known.IsStopped && known.Addresses.SequenceEqual(node.Addresses))
            {
                return;
            }

            known.Stop(); // It moved, or was given up: from here on the new addresses.
            _dialers.TryRemove(key, out _);
        }

        if (!TryAddDialer(key, dialer))
        {
            TransportLog.TooManyDialTargets(_logger, Limits.DialTargetsMax, node.Name);
            return;
        }

        bool dialsFirst = LocalEndPoint is null || node.Id is not { } id || Id.CompareTo(id) < 0;
        dialer.Start(dialsFirst ? TimeSpan.Zero : s_dialSecondDelay);
    }

    private void OnServiceLost(ServiceInstance service)
    {
        // The announcement is gone: no dial begins any more. A connection that stands is not touched.
        if (_dialers.TryRemove($"mdns:{service.InstanceName}", out Dialer? dialer))
        {
            dialer.Stop();
        }
    }
}
