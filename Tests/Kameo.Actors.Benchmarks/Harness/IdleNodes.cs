using System.Globalization;
using System.Net;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Links;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>Nodes of one process, with one set of loops, that listen, are used for a moment, and then left alone.</summary>
internal sealed class IdleNodes : IAsyncDisposable
{
    private const int DialsAtOnce = 8;
    private const int AsksEach = 20;
    private const int AskBytes = 2_000;

    /// <summary>Pings need no ring, and for a moment a slab for each thread that reads.</summary>
    private const int SlabsForPings = 4;

    private readonly List<TransportNode> _nodes = [];
    private readonly List<NameRegistration> _names = [];
    private readonly ILinkMedium _medium;

    private IdleNodes(ILinkMedium medium) => _medium = medium;

    /// <summary>The nodes.</summary>
    public IReadOnlyCollection<TransportNode> All => _nodes;

    /// <summary>Where they listen.</summary>
    public int[] Ports => [.. _nodes.Select(static node => node.LocalEndPoint!.Port)];

    /// <summary>Starts them; each answers with what it is asked.</summary>
    public static async Task<IdleNodes> StartAsync(int count, TransportLoop loop, CancellationToken cancellation)
    {
        var nodes = new IdleNodes(LoopMedium.Open(Options(), NullLogger.Instance));
        for (int number = 0; number < count; number++)
        {
            TransportOptions options = Options();
            options.Medium = nodes._medium;
            TransportNode node = await TransportNode.StartAsync(options, cancellation);
            nodes._nodes.Add(node);
            nodes._names.Add(node.Register(EchoOf(node.LocalEndPoint!.Port), static request =>
            {
                request.Reply(request.Payload.Span);
                return default;
            }));
        }

        return nodes;

        TransportOptions Options() => new() { Trust = TrustPolicy.Anyone(), ClusterName = "benchmark", Loop = loop, Listen = new IPEndPoint(IPAddress.Loopback, 0) };
    }

    /// <summary>Some of the nodes dial, each all of these ports, and carry 40,000 bytes both ways on each connection.</summary>
    public async Task DialAsync(Range some, IReadOnlyCollection<int> ports, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = DialsAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(_nodes[some].SelectMany(_ => ports, static (node, port) => (node, port)), parallel, static (pair, cancel) => DialAsync(pair.node, pair.port, cancel));
    }

    /// <summary>Waits until no connection holds a ring or a slab, and the nodes keep no more than pings need, which takes some ten seconds.</summary>
    public async Task WaitUntilIdleAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (_nodes.Sum(Footprint.Rented) != 0 || _nodes.Any(static node => node.RingBuffers.Kept != 0 || node.Slabs.Kept > SlabsForPings))
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(_nodes, static (node, _) => node.DisposeAsync());
        _names.ForEach(static name => name.Dispose());
        (_medium as IDisposable)?.Dispose();
    }

    private static string EchoOf(int port) => string.Create(CultureInfo.InvariantCulture, $"echo-{port}");

    private static async ValueTask DialAsync(TransportNode node, int port, CancellationToken cancellation)
    {
        await node.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellation: cancellation);
        RemoteName echo = await node.LookupAsync(EchoOf(port), cancellation);
        await Task.WhenAll(Enumerable.Range(0, AsksEach).Select(async _ => (await echo.AskAsync(new byte[AskBytes], cancellation: cancellation)).Dispose()));
    }
}
