using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>Agreed views on real nodes: sockets, TLS, threads.</summary>
public sealed class MemberTests
{
    [Fact]
    public async Task A_node_alone_founds_a_cluster_and_serves()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1);
        MembershipStatus status = await cluster[0].Membership!.GetStatusAsync();
        Assert.Equal("member", status.Phase);
        Assert.True(status.LeaseSeconds > 0);
        Assert.Equal(cluster[0].Id.ToString(), status.Leader);
        Assert.Contains("this node", status.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"epoch\"", status.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Three_nodes_come_to_one_view_and_each_has_a_lease()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        await Eventually.TrueAsync(() => cluster.Nodes.All(static node => node.Membership!.View.Stewards.Count == 3), "three stewards");
    }

    [Fact]
    public async Task Who_leaves_in_good_order_is_gone_from_the_view_at_once()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        TransportNode leaving = cluster[1];
        cluster.Forget(leaving);
        await leaving.DisposeAsync();
        await cluster.OneViewAsync();
    }

    [Fact]
    public async Task Members_are_connected_with_each_other_without_having_been_told_of_all()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(4);
        foreach (TransportNode node in cluster.Nodes)
        {
            await Eventually.TrueAsync(() => cluster.Nodes.All(other => other == node || node.FindPeer(other.Id) is { IsConnected: true }), "a full mesh");
        }
    }

    [Fact]
    public async Task Who_is_evicted_alive_joins_again_as_another_incarnation()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        ulong before = cluster[2].Incarnation;
        await cluster[0].Membership!.EvictAsync(cluster[2].Id);
        await Eventually.TrueAsync(() => cluster[2].Incarnation != before, "another incarnation");
        await cluster.OneViewAsync();
        Assert.Equal(1, (await cluster[2].Membership!.GetStatusAsync()).LivesEnded);
    }

    [Fact]
    public async Task Whoever_asks_or_orders_after_the_node_was_stopped_is_told_so()
    {
        TransportNode node = await TransportNode.StartAsync(SmallCluster.Options());
        NodeMembership membership = node.Membership!;
        await node.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => membership.GetStatusAsync().WaitAsync(TwoNodes.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => membership.WaitForAsync(static _ => false).WaitAsync(TwoNodes.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => membership.EvictAsync(node.Id).WaitAsync(TwoNodes.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => membership.ReformAsync().WaitAsync(TwoNodes.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => membership.RejoinAsync().WaitAsync(TwoNodes.Deadline));
    }

    [Fact]
    public async Task To_evict_who_is_no_member_changes_nothing()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(1);
        using SecretKey nobody = SecretKey.Generate();
        long epoch = cluster[0].Membership!.Epoch;
        await cluster[0].Membership!.EvictAsync(nobody.Id).WaitAsync(TwoNodes.Deadline);
        Assert.Equal(epoch, (await cluster[0].Membership!.GetStatusAsync()).Epoch);
    }

    [Fact]
    public async Task Clusters_founded_apart_become_one_when_they_meet()
    {
        await using SmallCluster one = await SmallCluster.StartAsync(2);
        await using SmallCluster other = await SmallCluster.StartAsync(1);
        TransportException refused = await Assert.ThrowsAsync<TransportException>(() => other[0].ConnectAsync(one[0].LocalEndPoint!));
        Assert.Equal(CloseReason.WrongCluster, refused.Reason);
        await Eventually.TrueAsync(() => other[0].Membership!.View is { Members.Count: 3 } view && view.SameAs(one[0].Membership!.View), "one cluster");
    }

    [Fact]
    public async Task A_client_follows_the_views_and_moves_when_its_member_goes()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        TransportOptions options = TwoNodes.ClientOptions();
        options.Membership = new MembershipOptions();
        options.Seeds.Add(cluster[0].LocalEndPoint!.ToString());
        await using TransportNode client = await TransportNode.StartAsync(options);
        await Eventually.TrueAsync(() => client.Membership!.MemberCount == 3, "the view of the cluster");
        for (int left = 2; left > 0; left--)
        {
            MembershipStatus status = await client.Membership!.WaitForAsync(static status => status.Leader.Length > 0).WaitAsync(TwoNodes.Deadline);
            TransportNode followed = cluster.Nodes.Single(node => node.Id.ToString() == status.Leader);
            cluster.Forget(followed);
            await followed.DisposeAsync();
            await Eventually.TrueAsync(() => client.Membership!.MemberCount == left, $"a view of {left}");
        }

        Assert.False(client.Membership!.IsServing);
        Assert.Equal(1, cluster[0].Membership!.MemberCount);
    }
}
