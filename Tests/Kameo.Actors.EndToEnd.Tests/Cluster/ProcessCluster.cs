using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>The tests of clusters, one after the other and beside nothing else: what they measure is time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class ClusterCollection
{
    public const string Name = "cluster";

    /// <summary>Whether the long variants run too: <c>KAMEO_CLUSTER_LONG=1</c>.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("KAMEO_CLUSTER_LONG") == "1";
}

/// <summary>Several nodes as processes that form one cluster, a folder for their files, and what is asked of all of them.</summary>
internal sealed class ProcessCluster(ITestOutputHelper output) : IAsyncDisposable
{
    /// <summary>The lease of the LAN profile, in milliseconds.</summary>
    public const double Lease = 4000;

    private readonly List<NodeProcess> _nodes = [];
    private readonly List<NodeProcess> _all = [];

    /// <summary>The nodes that count as living.</summary>
    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    public NodeProcess this[int index] => _nodes[index];

    /// <summary>A folder for keys and states; gone at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("kameo-cluster").FullName;

    /// <summary>Starts nodes on loopback: the first alone, then the others, who know it. Waits for one view.</summary>
    public async Task StartAsync(int count, params string[] arguments)
    {
        await AddAsync(arguments);
        await Task.WhenAll(Enumerable.Range(1, count - 1).Select(_ => AddAsync([.. arguments, "--seed", _nodes[0].Loopback])));
        await StewardsAsync(_nodes);
    }

    /// <summary>Starts one more node.</summary>
    public Task<NodeProcess> AddAsync(params string[] arguments) => AddAsync(null, arguments);

    /// <inheritdoc cref="AddAsync(string[])"/>
    public async Task<NodeProcess> AddAsync(string? host, string[] arguments)
    {
        NodeProcess node = NodeProcess.Launch(host, arguments);
        lock (_all)
        {
            _all.Add(node);
        }

        await node.ReadyAsync();
        lock (_all)
        {
            _nodes.Add(node);
        }

        return node;
    }

    /// <summary>Nodes that were started beside it are of it from now on.</summary>
    public void Adopt(params NodeProcess[] nodes)
    {
        _all.AddRange(nodes);
        _nodes.AddRange(nodes);
    }

    /// <summary>It counts as living no more, or not for now.</summary>
    public void Forget(NodeProcess node) => _nodes.Remove(node);

    /// <summary>It counts again.</summary>
    public void Remember(NodeProcess node) => _nodes.Add(node);

    /// <summary>Kills a node without a word to anybody.</summary>
    /// <returns>When.</returns>
    public double Kill(NodeProcess node)
    {
        Forget(node);
        return node.Kill();
    }

    /// <summary>Waits until nodes have one and the same view, of just them and each of them up.</summary>
    public static async Task OneViewAsync(IReadOnlyCollection<NodeProcess> nodes)
    {
        long start = Stopwatch.GetTimestamp();
        while (!HaveOneView(nodes))
        {
            Assert.True(
                Stopwatch.GetElapsedTime(start) < NodeProcess.Deadline,
                $"no one view of {nodes.Count}: {string.Join("; ", nodes.Select(static node => $"{node} has {node.View?.Body.ToString() ?? "none"}\n{node.Errors}"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    /// <summary>Waits until nodes have one view with all the stewards that so many nodes have: before that a majority of the stewards is none of the nodes.</summary>
    public static async Task StewardsAsync(IReadOnlyCollection<NodeProcess> nodes)
    {
        int stewards = Math.Min(7, nodes.Count - 1 + (nodes.Count % 2));
        await OneViewAsync(nodes);
        foreach (NodeProcess node in nodes)
        {
            await node.WaitForStatusAsync(status => status.GetProperty("members").EnumerateArray().Count(static member => member.GetProperty("isSteward").GetBoolean()) == stewards);
        }

        await OneViewAsync(nodes);
    }

    /// <summary>Waits until nodes say that they serve, or not.</summary>
    public static async Task ServingAsync(IReadOnlyCollection<NodeProcess> nodes, bool serves = true)
    {
        foreach (NodeProcess node in nodes)
        {
            if (!node.Events.Any(static one => one.Name == "serving"))
            {
                await node.AskAsync("serving");
            }

            long start = Stopwatch.GetTimestamp();
            while (node.Serves != serves)
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < NodeProcess.Deadline, $"{node} serves is not {serves}: {node.Events.Last().Body}\n{node.Errors}");
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    /// <summary>Waits until each of some nodes has a view without a member.</summary>
    /// <returns>How many milliseconds after a moment each had it.</returns>
    public static async Task<double[]> GoneAsync(IEnumerable<NodeProcess> nodes, NodeProcess gone, double since) =>
        await Task.WhenAll(nodes.Select(async node => (await node.WaitSinceAsync(since, one => one.IsViewWithout(gone.Id), $"a view without {gone}")).At - since));

    /// <summary>The node that leads, as the first one knows it.</summary>
    public async Task<NodeProcess> LeaderAsync()
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string leader = (await _nodes[0].StatusAsync()).GetProperty("leader").GetString()!;
            if (_nodes.SingleOrDefault(node => node.Id == leader) is { } found)
            {
                return found;
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < NodeProcess.Deadline, "no leader");
        }
    }

    /// <summary>Waits for a while that is part of the case, such as how long a process is stopped.</summary>
    public static async Task ElapseAsync(TimeSpan span)
    {
        using var timer = new PeriodicTimer(span);
        await timer.WaitForNextTickAsync();
    }

    /// <summary>Prints numbers.</summary>
    public void Print(string what, params double[] milliseconds) =>
        output.WriteLine($"{what}: {string.Join(", ", milliseconds.Select(static one => one.ToString("0", CultureInfo.InvariantCulture)))} ms");

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_all.Select(static node => node.DisposeAsync().AsTask()));
        Directory.Delete(Folder, recursive: true);
    }

    private static bool HaveOneView(IReadOnlyCollection<NodeProcess> nodes)
    {
        NodeEvent? first = nodes.First().View;
        return first is not null && first.IsViewOf(nodes.Count) && nodes.All(node => first.Members.Contains(node.Id)) && nodes.All(node => node.View?.ViewName == first.ViewName);
    }
}
