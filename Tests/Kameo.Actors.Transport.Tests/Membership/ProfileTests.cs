using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>The profiles of durations, on real nodes.</summary>
public sealed class ProfileTests
{
    [Fact]
    public async Task Three_nodes_with_the_WAN_profile_come_to_one_view_and_each_has_a_long_lease()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3, options => options.Membership!.Profile = MembershipProfile.Wan);
        foreach (TransportNode node in cluster.Nodes)
        {
            // More than a LAN lease has at most: so it is the other profile that runs.
            MembershipStatus status = await node.Membership!.WaitForAsync(static status => status.LeaseSeconds > 4).WaitAsync(TwoNodes.Deadline);
            Assert.InRange(status.LeaseSeconds!.Value, 4, 15);
        }
    }

    [Theory]
    [InlineData(MembershipProfile.Lan, MembershipProfile.Wan)]
    [InlineData(MembershipProfile.Wan, MembershipProfile.Lan)]
    public async Task A_node_with_another_profile_is_refused_and_told_why(MembershipProfile ofCluster, MembershipProfile ofNewcomer)
    {
        using var log = new CapturedLog();
        await using SmallCluster cluster = await SmallCluster.StartAsync(1, options => options.Membership!.Profile = ofCluster);
        TransportOptions other = SmallCluster.Options(options =>
        {
            options.Membership!.Profile = ofNewcomer;
            options.LoggerFactory = log;
            options.Seeds.Add(cluster[0].LocalEndPoint!.ToString());
        });
        await using TransportNode newcomer = await TransportNode.StartAsync(other);
        await Eventually.TrueAsync(() => log.Lines.Any(static line => line.Contains("does not admit this node", StringComparison.Ordinal) && line.Contains("Timing", StringComparison.Ordinal)), "the refusal by its name");
        Assert.False(newcomer.Membership!.IsServing);
        Assert.Equal(cluster[0].Id, Assert.Single(cluster[0].Membership!.View.Members).Id.Peer);
    }
}
