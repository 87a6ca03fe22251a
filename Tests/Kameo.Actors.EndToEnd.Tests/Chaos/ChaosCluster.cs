using Kameo.Actors.EndToEnd.Tests.Cluster;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>A place for a node: a host with an address, a key and a state directory that outlive the node's processes.</summary>
internal sealed class ChaosPlace(int index, string folder)
{
    /// <summary>Which.</summary>
    public int Index => index;

    /// <summary>The node that runs here now; null for none.</summary>
    public NodeProcess? Node { get; set; }

    /// <summary>Whether something is being done to it.</summary>
    public bool IsBusy { get; set; }

    public string KeyFile { get; } = Path.Combine(folder, $"{index}.pem");

    public string State { get; } = Path.Combine(folder, $"state-{index}");

    public string EndPoint => $"{BridgedHosts.Address(index)}:4711";

    public override string ToString() => $"n{index}";
}

/// <summary>The processes of a run: nodes that host actors, on places; clients, each on a host of its own; and the file of the witness. All are ended when it is disposed.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private const int Clients = 2;

    /// <summary>Nodes that found the cluster.</summary>
    public const int Founders = 3;

    private readonly BridgedHosts _hosts;
    private readonly List<(string Name, NodeProcess Node)> _all = [];
    private readonly Dictionary<string, string> _names = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("kameo-chaos").FullName;

    public ChaosCluster(int places)
    {
        _hosts = BridgedHosts.Create(places, Clients);
        for (int index = 0; index < places; index++)
        {
            var place = new ChaosPlace(index, _folder);
            Places.Add(place);
            using SecretKey key = Transport.KeyFile.LoadOrCreate(place.KeyFile);
            _names.Add(key.Id.ToString(), place.ToString());
        }
    }

    public List<ChaosPlace> Places { get; } = [];

    public List<NodeProcess> ClientNodes { get; } = [];

    public BridgedHosts Hosts => _hosts;

    public Timeline Timeline { get; } = new();

    public string WitnessFile => Path.Combine(_folder, "witness");

    /// <summary>The nodes that run.</summary>
    public NodeProcess[] Nodes => [.. Places.Select(static place => place.Node).OfType<NodeProcess>()];

    /// <summary>Starts the founders and the clients.</summary>
    public async Task StartAsync()
    {
        await Task.WhenAll(Places.Take(Founders).Select(StartAsync));
        await ProcessCluster.StewardsAsync(Nodes);
        for (int client = 0; client < Clients; client++)
        {
            NodeProcess node = NodeProcess.Launch(_hosts[Places.Count + client], ["--client", .. Shared()]);
            Add($"c{client}", node);
            ClientNodes.Add(node);
            await node.ReadyAsync();
        }
    }

    /// <summary>Starts a node on a place.</summary>
    public async Task StartAsync(ChaosPlace place)
    {
        NodeProcess node = NodeProcess.Launch(_hosts[place.Index], ["--listen", place.EndPoint, "--key", place.KeyFile, "--state", place.State, .. _names.Keys.Take(Founders).SelectMany(static id => (string[])["--founder", id]), .. Shared()]);
        Add(place.ToString(), node);
        await node.ReadyAsync();
        place.Node = node;
    }

    /// <summary>Waits until all nodes have one view, and every steward knows that it is settled; others hear of that with the next view.</summary>
    public async Task SettledAsync()
    {
        await ProcessCluster.OneViewAsync(Nodes);
        foreach (NodeProcess node in Nodes)
        {
            await node.WaitForStatusAsync(static status =>
                status.GetProperty("settledEpoch").GetInt64() == status.GetProperty("epoch").GetInt64()
                || !status.GetProperty("members").EnumerateArray().Single(static member => member.GetProperty("isSelf").GetBoolean()).GetProperty("isSteward").GetBoolean());
        }
    }

    /// <summary>Writes into the timeline what all processes said.</summary>
    public void NoteEvents()
    {
        foreach ((string name, NodeProcess node) in _all)
        {
            Timeline.NoteEventsOf(name, node, id => _names.GetValueOrDefault(id, id[..4]));
        }
    }

    /// <summary>What the processes logged.</summary>
    public string Logs() => string.Join('\n', _all.SelectMany(static one => one.Node.Errors.Split('\n').Where(static line => line.Length > 0).Select(line => $"{one.Name} {one.Node.ProcessId}: {line}")));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_all.Select(static one => one.Node.DisposeAsync().AsTask()));
        _hosts.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string[] Shared() => ["--witness", WitnessFile, "--cluster", "chaos", .. Places.SelectMany(static place => (string[])["--seed", place.EndPoint])];

    private void Add(string name, NodeProcess node)
    {
        lock (_all)
        {
            _all.Add((name, node));
        }
    }
}
