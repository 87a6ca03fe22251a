using System.Net;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Links;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>Many nodes of one process, each with an identity and a connection of its own to the server, each used for a moment and then left alone.</summary>
/// <param name="loop">Who reads the sockets; one set of loops for all nodes.</param>
/// <param name="server">Where the server is.</param>
internal sealed class IdleClients(TransportLoop loop, IPEndPoint server) : IAsyncDisposable
{
    /// <summary>The name that they ask.</summary>
    public const string EchoName = "echo";

    private const int DialsAtOnce = 8;
    private const int AsksEach = 20;
    private const int AskBytes = 2_000;

    private readonly List<TransportNode> _nodes = [];
    private ILinkMedium? _medium;

    /// <summary>The nodes.</summary>
    public IReadOnlyCollection<TransportNode> Nodes => _nodes;

    /// <summary>What all nodes of this program are started with.</summary>
    public static TransportOptions Options(TransportLoop loop, IPEndPoint? listen) =>
        new() { Trust = TrustPolicy.Anyone(), ClusterName = "benchmark", Loop = loop, Listen = listen, IsClient = listen is null };

    /// <summary>Starts nodes that are connected to nobody.</summary>
    public async Task StartAsync(int count, CancellationToken cancellation)
    {
        _medium ??= LoopMedium.Open(Options(loop, null), NullLogger.Instance);
        for (int number = 0; number < count; number++)
        {
            TransportOptions options = Options(loop, null);
            options.Medium = _medium;
            _nodes.Add(await TransportNode.StartAsync(options, cancellation));
        }
    }

    /// <summary>Connects those of a range, uses each, and waits until their connections are idle.</summary>
    public async Task UseAsync(Range range, CancellationToken cancellation)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = DialsAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(_nodes[range], parallel, UseAsync);
        await WaitUntilIdleAsync(_nodes, cancellation);
    }

    /// <summary>Waits until no connection holds a ring or a slab.</summary>
    public static async Task WaitUntilIdleAsync(IReadOnlyCollection<TransportNode> nodes, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (nodes.Sum(Footprint.Rented) != 0)
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(_nodes, static (node, _) => node.DisposeAsync());
        (_medium as IDisposable)?.Dispose();
    }

    private async ValueTask UseAsync(TransportNode node, CancellationToken cancellation)
    {
        await node.ConnectAsync(server, cancellation: cancellation);
        RemoteName echo = await node.LookupAsync(EchoName, cancellation);
        await Task.WhenAll(Enumerable.Range(0, AsksEach).Select(async _ => (await echo.AskAsync(new byte[AskBytes], cancellation: cancellation)).Dispose()));
    }
}
