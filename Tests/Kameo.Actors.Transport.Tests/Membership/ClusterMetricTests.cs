using System.Diagnostics.Metrics;
using System.Globalization;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>Each instrument <c>kameo.cluster.*</c> says what it says it does, and the status the same.</summary>
public sealed class ClusterMetricTests
{
    [Fact]
    public async Task Every_instrument_of_a_member_tells_what_is()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        TransportNode leader = await LeaderOfAsync(cluster);
        TransportNode other = cluster.Nodes.First(node => node != leader);
        await Eventually.TrueAsync(() => leader.Membership!.View.Stewards.Count == 3, "three stewards");
        IReadOnlyDictionary<string, double> read = Read(leader);
        Assert.Equal(leader.Membership!.Epoch, read["epoch"]);
        Assert.Equal(3, read["members"]);
        Assert.Equal(3, read["stewards"]);
        Assert.Equal(1, read["serving"]);
        Assert.InRange(read["lease"], 0.001, 4);
        Assert.InRange(read["control_connections"], 2, 8);
        Assert.Equal(1, read["leading"]);
        Assert.Equal(0, read["halted"]);
        Assert.InRange(read["views"], 2, 100);
        Assert.Equal(0, read["lives_ended"]);
        Assert.Equal(0, read["control_refused"]);
        foreach (string counter in (string[])["control_bytes_sent", "control_bytes_received", "messages_sent", "messages_received"])
        {
            Assert.True(read[counter] > 0, counter);
            await Eventually.TrueAsync(() => Read(leader)[counter] > read[counter], $"{counter} to rise");
        }

        Assert.Equal(0, Read(other)["leading"]);
        await leader.Membership.EvictAsync(other.Id);
        await Eventually.TrueAsync(() => Read(other)["lives_ended"] == 1, "a life that has ended");
        Assert.All(read.Keys.Except(["halts", "suspects", "suspicions"]), name => Assert.True(s_looked.Contains(name), $"no test looks at {name}"));
    }

    [Fact]
    public async Task Who_is_suspected_and_that_the_cluster_has_halted_is_told_and_counted()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        await Eventually.TrueAsync(() => cluster[0].Membership!.View.Stewards.Count == 3, "three stewards");
        TransportNode left = cluster[0];
        Assert.Equal(0, Read(left)["halts"]);
        foreach (TransportNode node in (TransportNode[])[cluster[1], cluster[2]])
        {
            // As a process that is stopped: its control thread stands still, and its sockets stay open.
            node.Control!.Loop.Post(static () => s_go.Wait(TwoNodes.Deadline));
        }

        await Eventually.TrueAsync(() => Read(left)["suspects"] > 0, "suspects");
        await Eventually.TrueAsync(() => Read(left)["halted"] == 1, "a halt");
        await Eventually.TrueAsync(() => Read(left)["suspicions"] >= 1 && Read(left)["halts"] >= 1, "both to be counted");
        await Eventually.TrueAsync(() => Read(left)["serving"] == 0 && Read(left)["lease"] == 0, "its lease to end");
        MembershipStatus status = await left.Membership!.GetStatusAsync();
        Assert.True(status.IsHalted);
        Assert.True(status.Halts >= 1);
        Assert.True(status.Suspicions >= 1);
        Assert.Contains($"halts {status.Halts}", status.ToString(), StringComparison.Ordinal);
        s_go.Set();
        await Eventually.TrueAsync(() => Read(left)["halted"] == 0, "the cluster to go on");
    }

    [Fact]
    public async Task A_client_has_those_that_do_not_need_a_member()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1);
        TransportOptions options = TwoNodes.ClientOptions();
        options.Membership = new MembershipOptions();
        options.Seeds.Add(cluster[0].LocalEndPoint!.ToString());
        await using TransportNode client = await TransportNode.StartAsync(options);
        await Eventually.TrueAsync(() => Read(client)["members"] == 1, "the view");
        IReadOnlyDictionary<string, double> read = Read(client);
        Assert.Equal((0, 0, 1), (read["serving"], read["lease"], read["control_connections"]));
        Assert.DoesNotContain("leading", read.Keys);
    }

    [Fact]
    public async Task The_status_tells_of_gossip_and_how_long_a_change_took_though_nobody_waited()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(2);
        using NameRegistration name = cluster[0].Register("name", TwoNodes.Echo);
        MembershipStatus status = await cluster[0].Membership!.WaitForAsync(static status => status.ConvergenceSeconds is not null).WaitAsync(TwoNodes.Deadline);
        Assert.InRange(status.ConvergenceSeconds!.Value, 0, 20);
        Assert.Equal(1, status.Names);
        Assert.True(status.GossipBytesSent > 0 && status.GossipBytesReceived > 0);
        Assert.NotNull(status.ViewAgeSeconds);
        foreach (string text in (string[])["names     1 known", string.Create(CultureInfo.InvariantCulture, $"known everywhere after {status.ConvergenceSeconds:0.000} s"), "the newest for"])
        {
            Assert.Contains(text, status.ToString(), StringComparison.Ordinal);
        }

        foreach (string property in (string[])["gossipBytesSent", "gossipBytesReceived", "convergenceSeconds", "halts", "suspicions", "viewAgeSeconds", "controlRefused"])
        {
            Assert.Contains($"\"{property}\"", status.ToJson(), StringComparison.Ordinal);
        }
    }

    private static readonly ManualResetEventSlim s_go = new();

    /// <summary>What the first test looks at.</summary>
    private static readonly HashSet<string> s_looked =
    [
        "epoch", "members", "stewards", "serving", "lease", "control_connections", "leading", "halted", "views", "lives_ended", "control_refused",
        "control_bytes_sent", "control_bytes_received", "messages_sent", "messages_received",
    ];

    private static async Task<TransportNode> LeaderOfAsync(SmallCluster cluster)
    {
        TransportNode? leader = null;
        await Eventually.TrueAsync(() => (leader = cluster.Nodes.FirstOrDefault(static node => ((MemberShell)node.Control!).IsLeading)) is not null, "a leader");
        return leader!;
    }

    /// <summary>All of a node's, without their prefix.</summary>
    private static Dictionary<string, double> Read(TransportNode node)
    {
        const string Prefix = "kameo.cluster.";
        var read = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (node.Metrics.Owns(instrument) && instrument.Name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => read[instrument.Name[Prefix.Length..]] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => read[instrument.Name[Prefix.Length..]] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => read[instrument.Name[Prefix.Length..]] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }
}
