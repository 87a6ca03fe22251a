using System.Globalization;
using Kameo.Actors.EndToEnd.Tests.Cluster;
using Kameo.Actors.Transport.Tests;
using Xunit.Abstractions;

namespace Kameo.Actors.EndToEnd.Tests.Chaos;

/// <summary>Actors that count on nodes that are killed, stopped, cut off, join and leave, under a witness outside of the cluster. <c>KAMEO_CHAOS_SECONDS</c> and <c>KAMEO_CHAOS_SEED</c> make it long and random; <c>KAMEO_CHAOS_WITNESS</c> names where the witness file is to be copied.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Actors = 200;
    private const int Places = 5;

    /// <summary>The clients that only look whether all answer count from here.</summary>
    private const int FirstProbe = 100;

    [RequiresFact("linux", "root", "netns", "ip", "tc")]
    public async Task Two_hundred_actors_are_never_in_two_places_and_every_ask_ends_once_whatever_becomes_of_their_nodes()
    {
        int seconds = Number("KAMEO_CHAOS_SECONDS", 0);
        int seed = Number("KAMEO_CHAOS_SEED", seconds == 0 ? 1 : Environment.TickCount & 0xFFFF);
        await using var cluster = new ChaosCluster(Places);
        var faults = new Faults(cluster);
        var findings = new List<string>();
        double leftAt = double.MaxValue;
        try
        {
            await cluster.StartAsync();
            cluster.Timeline.Note($"seed {seed}; all answer first after {(await ProbeAllAsync(cluster, round: 0, findings)).Max():0} ms");
            for (int client = 0; client < cluster.ClientNodes.Count; client++)
            {
                await cluster.ClientNodes[client].AskAsync($"count {client} {Actors}");
            }

            var plan = new FaultPlan(cluster, faults, seed);
            if (seconds == 0)
            {
                leftAt = await plan.RunFewAsync(() => ProbeAllAsync(cluster, round: 1, findings));
            }
            else
            {
                await plan.RunRandomAsync(TimeSpan.FromSeconds(seconds));
            }

            double healedAt = SharedClock.Now;
            cluster.Timeline.Note("everything is in order again");
            double[] answered = await ProbeAllAsync(cluster, round: 2, findings);
            cluster.Timeline.Note($"all answer after {answered.Max():0} ms");
            await cluster.SettledAsync();
            cluster.Timeline.Note($"one settled view after {SharedClock.Now - healedAt:0} ms");
            foreach (ChaosPlace place in cluster.Places)
            {
                Check(place.Node?.HasExited != true, $"the process of {place} has ended by itself");
            }
        }
        catch (Exception exception)
        {
            findings.Add($"{exception.GetType().Name}: {exception.Message}");
        }

        foreach (NodeEvent counted in await Task.WhenAll(cluster.ClientNodes.Select(static client => client.AskAsync("count-stop", "counted"))))
        {
            cluster.Timeline.Note($"a client made {counted.Number("asked")} asks, of which {counted.Number("replied")} were answered");
            Check(counted.Flag("done"), $"asks that never complete: {counted.Text("open")}");
        }

        Report(cluster, faults, findings, leftAt);

        void Check(bool holds, string otherwise)
        {
            if (!holds)
            {
                findings.Add(otherwise);
            }
        }
    }

    /// <summary>Waits until every actor has answered every client: each sends what it asks in order, so all that it asked before has ended, too.</summary>
    /// <returns>For each client, after how many milliseconds.</returns>
    private static Task<double[]> ProbeAllAsync(ChaosCluster cluster, int round, List<string> findings) =>
        Task.WhenAll(cluster.ClientNodes.Select((_, client) => ProbeAsync(cluster, client, FirstProbe + client + (round * cluster.ClientNodes.Count), findings)));

    private static async Task<double> ProbeAsync(ChaosCluster cluster, int client, int number, List<string> findings)
    {
        NodeEvent probed = await cluster.ClientNodes[client].AskAsync($"count-probe {number} {Actors}", "probed");
        if (probed.Number("answered") != Actors)
        {
            findings.Add($"actors that do not answer client {client}: {probed.Text("silent")}");
        }

        return probed.Number("longest");
    }

    private void Report(ChaosCluster cluster, Faults faults, List<string> findings, double leftAt)
    {
        if (Environment.GetEnvironmentVariable("KAMEO_CHAOS_WITNESS") is { Length: > 0 } copy)
        {
            File.Copy(cluster.WitnessFile, copy, overwrite: true);
        }

        Witness witness = Witness.Read(cluster.WitnessFile, faults.Stops);
        findings.AddRange(witness.Violations);
        findings.AddRange(witness.Ends.Where(end => end.At > leftAt && end.What != Witness.Replies).Select(end => $"at {cluster.Timeline.TimeOf(end.At)} an ask ended with {end.What}, though a node only left"));
        cluster.NoteEvents();
        cluster.Timeline.NoteCounts(witness.Ends);
        foreach (var refused in witness.Refused)
        {
            cluster.Timeline.Note(refused.At, $"REFUSED: {Witness.Describe(refused)}");
        }

        output.WriteLine(cluster.Timeline.ToString());
        if (findings.Count > 0)
        {
            output.WriteLine(cluster.Logs());
        }

        output.WriteLine($"faults: {string.Join(", ", faults.Counts.Select(static one => $"{one.Value} {one.Key}"))}");
        output.WriteLine($"{witness.Asks} asks: {string.Join(", ", witness.Ends.GroupBy(static end => end.What).OrderByDescending(static group => group.Count()).Select(static group => $"{group.Count()} {group.Key}"))}");
        output.WriteLine($"{witness.Stretches} stretches of {witness.Activations} activations, {witness.Moves} of them elsewhere than the one before; {witness.Refused.Count} refused by their fence");
        Assert.True(findings.Count == 0, $"{findings.Count} findings:\n{string.Join('\n', findings.Take(40))}");
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
