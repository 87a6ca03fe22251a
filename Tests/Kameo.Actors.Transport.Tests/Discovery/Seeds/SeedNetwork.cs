using System.Net;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Discovery.Seeds;

/// <summary>Nodes on a network in memory, and one that dials the name they share.</summary>
internal sealed class SeedNetwork(ScriptedResolver resolver) : IAsyncDisposable
{
    private readonly List<TransportNode> _nodes = [];

    public RoutedMedium Medium { get; } = new();

    public ScriptedResolver Resolver { get; } = resolver;

    public CapturedLog Log { get; } = new();

    public async Task<TransportNode> AddAsync(string address, SecretKey? key = null)
    {
        TransportNode node = await StartAsync(options => options.Key = key);
        Medium.Route(address, node);
        return node;
    }

    /// <summary>Starts the node that has the name as its seed. Its back-off and refresh are those of a test.</summary>
    public Task<TransportNode> AddDiallerAsync(bool listens = false, int dialTargetsMax = 100, Action<TransportOptions>? configure = null) => StartAsync(options =>
    {
        options.DnsResolver = Resolver;
        options.LoggerFactory = Log;
        options.Listen = listens ? new IPEndPoint(IPAddress.Loopback, 0) : null;
        options.Limits = new TransportLimits
        {
            RedialFirst = TimeSpan.FromMilliseconds(5),
            RedialMax = TimeSpan.FromMilliseconds(20),
            DnsRefreshPeriod = TimeSpan.FromMilliseconds(10),
            DialTargetsMax = dialTargetsMax,
        };
        options.Seeds.Add($"nodes.test:{RoutedMedium.Port}");
        configure?.Invoke(options);
    });

    /// <summary>How many lines of the log hold a text.</summary>
    public int CountLines(string text) => Log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (TransportNode node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    private async Task<TransportNode> StartAsync(Action<TransportOptions> configure)
    {
        TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.Medium = Medium;
            configure(options);
        }));
        _nodes.Add(node);
        return node;
    }
}
