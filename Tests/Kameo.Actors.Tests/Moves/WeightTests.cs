using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Nodes share actors by their weights.</summary>
public sealed class WeightTests
{
    private const int Keys = 2_000;

    [Fact]
    public async Task A_node_of_three_times_the_weight_has_three_times_the_actors()
    {
        int made = 0;
        await using RealCluster cluster = await RealCluster.StartAsync(2, options => options.Membership!.Weight = made++ == 1 ? 3 : 1);
        await cluster.SettleAsync();
        string world = Journal.NewKey();
        Dictionary<string, int> counts = await CountAsync(cluster.Members[0], world);

        Assert.InRange(counts[cluster.Members[0].Id.ToString()], Keys * 0.20, Keys * 0.30);
        Assert.InRange(counts[cluster.Members[1].Id.ToString()], Keys * 0.70, Keys * 0.80);
        Assert.Equal(counts[cluster.Members[1].Id.ToString()], cluster.Members[1].ActivationCount);

        // 1 : 3 : 1 with a third one, to which a fifth of both goes.
        await cluster.JoinAsync();
        await cluster.SettleAsync();
        counts = await CountAsync(cluster.Members[2], world);
        Assert.Equal([0.2, 0.6, 0.2], cluster.Members.Select(node => counts[node.Id.ToString()] / (double)Keys), static (expected, actual) => Math.Abs(expected - actual) < 0.05);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_001)]
    public async Task A_weight_out_of_its_range_is_refused_at_the_start(int weight)
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => ActorNode.StartAsync(QuickTiming.Options(options => options.Membership!.Weight = weight)));
        Assert.Contains("Weight must be 1 to 1,000", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<Dictionary<string, int>> CountAsync(ActorNode from, string world)
    {
        string[] nodes = await Task.WhenAll(Enumerable.Range(0, Keys).Select(number => from.Get<IProbe>($"{world}/{number}").Node().AsTask())).WaitAsync(RealCluster.Deadline);
        return nodes.GroupBy(static node => node).ToDictionary(static group => group.Key, static group => group.Count());
    }
}
