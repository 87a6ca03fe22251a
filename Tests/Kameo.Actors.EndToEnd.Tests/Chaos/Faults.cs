using Kameo.Actors.EndToEnd.Tests.Cluster;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>What is done to a cluster: each fault takes a place, and ends with it in order again, or empty after a leave.</summary>
internal sealed class Faults(ChaosCluster cluster)
{
    private static readonly TimeSpan s_leaveDeadline = TimeSpan.FromSeconds(45);

    private readonly List<Stop> _stops = [];

    /// <summary>How often each was done.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>The stops so far, those that last included.</summary>
    public IReadOnlyList<Stop> Stops
    {
        get
        {
            lock (_stops)
            {
                return [.. _stops];
            }
        }
    }

    /// <summary>SIGKILL, and later a new process on the same place.</summary>
    public async Task KillAsync(ChaosPlace place, TimeSpan away)
    {
        NodeProcess node = place.Node!;
        Note("kill", $"{place} (process {node.ProcessId}) is killed, to be started again in {away.TotalSeconds:0.0} s");
        place.Node = null;
        node.Kill();
        await node.ExitAsync();
        await ProcessCluster.ElapseAsync(away);
        await JoinAsync(place, "restart");
    }

    /// <summary>SIGSTOP, and later SIGCONT.</summary>
    public async Task StopAsync(ChaosPlace place, TimeSpan length)
    {
        NodeProcess node = place.Node!;
        Note("stop", $"{place} (process {node.ProcessId}) is stopped for {length.TotalSeconds:0.0} s");
        double from = SharedClock.Now;
        node.Pause();
        await ProcessCluster.ElapseAsync(length);
        lock (_stops)
        {
            _stops.Add(new Stop(node.ProcessId, from, SharedClock.Now));
        }

        node.Continue();
        cluster.Timeline.Note($"{place} continues");
    }

    /// <summary>Its cable is out for a while, or carries only what it sends.</summary>
    public async Task CutAsync(ChaosPlace place, TimeSpan length, bool inOneDirection)
    {
        Note(inOneDirection ? "cut of one direction" : "cut", $"{place} {(inOneDirection ? "hears nobody" : "is cut off")} for {length.TotalSeconds:0.0} s");
        (Action<int> cut, Action<int> heal) = inOneDirection ? ((Action<int>)cluster.Hosts.CutToHost, (Action<int>)cluster.Hosts.HealToHost) : (cluster.Hosts.CutHost, cluster.Hosts.HealHost);
        cut(place.Index);
        await ProcessCluster.ElapseAsync(length);
        heal(place.Index);
        cluster.Timeline.Note($"{place} is connected again");
    }

    /// <summary>Leaves in good order; the place is empty then.</summary>
    public async Task LeaveAsync(ChaosPlace place)
    {
        NodeProcess node = place.Node!;
        Note("leave", $"{place} (process {node.ProcessId}) is to leave");
        double from = SharedClock.Now;
        node.Send("leave");
        await node.ExitAsync().WaitAsync(s_leaveDeadline);
        place.Node = null;
        cluster.Timeline.Note($"{place} has ended {(SharedClock.Now - from) / 1000:0.0} s after it was told to leave");
    }

    /// <summary>A new process on an empty place.</summary>
    public async Task JoinAsync(ChaosPlace place, string why = "join")
    {
        Note(why, $"{place} is started ({why})");
        await cluster.StartAsync(place);
    }

    private void Note(string fault, string what)
    {
        lock (Counts)
        {
            Counts[fault] = Counts.GetValueOrDefault(fault) + 1;
        }

        cluster.Timeline.Note(what);
    }
}
