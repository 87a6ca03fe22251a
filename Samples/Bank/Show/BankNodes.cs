using System.Security.Cryptography;
using Kameo.Actors;
using Kameo.Actors.Transport;

namespace Samples.Bank.Show;

/// <summary>The three processes, and what the cluster says of them. Started, killed and started again by one task; looked at by any thread.</summary>
/// <param name="ledger">The ledger's directory.</param>
/// <param name="isVerbose">Whether they log.</param>
/// <param name="story">Where what happens is told.</param>
internal sealed class BankNodes(string ledger, bool isVerbose, Story story) : IAsyncDisposable
{
    private static readonly string[] s_names = ["A", "B", "C"];
    private static readonly TimeSpan s_lookPeriod = TimeSpan.FromMilliseconds(50);

    private readonly NodeProcess?[] _processes = new NodeProcess?[s_names.Length];
    private Dictionary<string, MemberStatus> _members = [];
    private long _epoch;

    /// <summary>The secret of this run's cluster: known to its processes only.</summary>
    public string Secret { get; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>The epoch of the view that is followed.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Where the nodes that run listen.</summary>
    public IReadOnlyList<string> Addresses => [.. _processes.Where(static one => one is { IsKilled: false }).Select(static one => one!.Line!.Address)];

    /// <summary>The nodes now.</summary>
    public IReadOnlyList<NodeScene> Look() => [.. s_names.Select((name, index) =>
        _processes[index] is not { } process ? new NodeScene(name, "starting", 0, 0, 0)
        : new NodeScene(name, StateOf(process), process.IsKilled ? 0 : process.Line!.Accounts, process.Line!.Resumed, process.Line.Refused))];

    /// <summary>Starts all: the first alone, then the others, who know it.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await StartAsync(0, cancellation);
        await Task.WhenAll(Enumerable.Range(1, s_names.Length - 1).Select(index => StartAsync(index, cancellation)));
    }

    /// <summary>Waits until all of them run accounts, and the teller knows it.</summary>
    public async Task ServingAsync(CancellationToken cancellation)
    {
        while (!_processes.All(static one => one is { IsKilled: false, Line.Serves: true }) || Volatile.Read(ref _members).Count != s_names.Length)
        {
            foreach (NodeProcess process in _processes.OfType<NodeProcess>().Where(static one => one is { IsKilled: false, HasEnded: true }))
            {
                throw new InvalidOperationException($"Node {process.Name} ended by itself.");
            }

            await Task.Delay(s_lookPeriod, cancellation);
        }
    }

    /// <summary>Kills a node without a word to anybody.</summary>
    /// <returns>Its name.</returns>
    public string Kill(int index)
    {
        NodeProcess process = _processes[index]!;
        int accounts = process.Line!.Accounts;
        process.Kill();
        story.Tell($"node {process.Name} is killed, and with it the memory of {accounts} accounts");
        return process.Name;
    }

    /// <summary>Starts a node that was killed again: with another key, another port, and nothing in memory.</summary>
    public async Task RestartAsync(int index, CancellationToken cancellation)
    {
        NodeProcess killed = _processes[index]!;
        await StartAsync(index, cancellation);
        await killed.DisposeAsync();
    }

    /// <summary>Tells who joins and who is gone, as the cluster agrees on it.</summary>
    /// <param name="teller">The node that follows the cluster's views.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task WatchAsync(ActorNode teller, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            MembershipStatus status = await teller.Transport.Membership!.GetStatusAsync(CancellationToken.None);
            if (status.Epoch != _epoch)
            {
                var members = status.Members.Where(static one => one.State == "up").ToDictionary(static one => one.Incarnation);
                foreach (MemberStatus joined in members.Values.Where(one => !_members.ContainsKey(one.Incarnation)))
                {
                    story.Tell($"node {NameOf(joined)} has joined");
                }

                foreach (MemberStatus gone in _members.Values.Where(one => !members.ContainsKey(one.Incarnation)))
                {
                    bool isKilled = _processes.Any(one => one is { IsKilled: true } && one.Name == NameOf(gone));
                    story.Tell($"node {NameOf(gone)} {(isKilled ? "is evicted: its accounts wait until its lease would surely have ended" : "has left")}");
                }

                Volatile.Write(ref _members, members);
                Volatile.Write(ref _epoch, status.Epoch);
            }

            await Task.Delay(s_lookPeriod, CancellationToken.None);
        }
    }

    /// <summary>Lets all of them leave.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (NodeProcess process in _processes.OfType<NodeProcess>().ToArray())
        {
            await process.DisposeAsync(); // One after the other: each hands its accounts to those that stay.
        }
    }

    private static string NameOf(MemberStatus member) => member.Labels.FirstOrDefault(static label => label.StartsWith("name=", StringComparison.Ordinal))?["name=".Length..] ?? "?";

    private async Task StartAsync(int index, CancellationToken cancellation)
    {
        string[] seeds = [.. Addresses];
        _processes[index] = await NodeProcess.StartAsync(s_names[index], ledger, Secret, seeds, isVerbose, cancellation);
        story.Tell($"node {s_names[index]} listens at {_processes[index]!.Line!.Address}");
    }

    private string StateOf(NodeProcess process)
    {
        bool isMember = Volatile.Read(ref _members).Values.Any(one => one.Address == process.Line!.Address);
        return process.IsKilled ? (isMember ? "killed" : "gone") : process.HasEnded ? "ended" : process.Line!.Serves ? "up" : isMember ? "waiting" : "joining";
    }
}
