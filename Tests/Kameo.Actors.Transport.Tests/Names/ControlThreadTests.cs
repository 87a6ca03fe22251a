using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>What the control thread tells the registry holds it up for nothing: no lock, no sending.</summary>
public sealed class ControlThreadTests
{
    [Fact]
    public async Task A_view_is_told_while_another_thread_has_the_lock_of_the_names()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        View view = cluster.MakeView(0, 1);
        lock (cluster[0].Names.Gate)
        {
            // On a thread of its own, since the lock would let this one pass.
            var control = new Thread(() =>
            {
                NameCluster.NamesOf(cluster[0]).OnView(NameCluster.IdOf(cluster[0]), view);
                NameCluster.NamesOf(cluster[0]).OnClientAttached(cluster[1].Id, 1);
                NameCluster.NamesOf(cluster[0]).OnClientDetached(cluster[1].Id);
                NameCluster.NamesOf(cluster[0]).OnLifeEnded(NameCluster.IdOf(cluster[0]));
            });
            control.Start();
            Assert.True(control.Join(TwoNodes.Deadline), "the control thread waits for a lock");
        }
    }

    [Fact]
    public async Task Clients_that_come_faster_than_they_are_taken_are_sent_away()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2);
        ClusterNames names = NameCluster.NamesOf(cluster[0]);
        int taken = 0;
        lock (names.Gate)
        {
            // On a thread of its own, as is the control thread: nothing is taken while this one has the lock.
            var control = new Thread(() =>
            {
                while (taken <= ClusterNames.ToldMax && names.OnClientAttached(cluster[1].Id, 1))
                {
                    taken++;
                }
            });
            control.Start();
            Assert.True(control.Join(TwoNodes.Deadline), "the control thread waits for a lock");
        }

        Assert.InRange(taken, ClusterNames.ToldMax - 8, ClusterNames.ToldMax); // A view may have waited before.
        await Eventually.TrueAsync(() => names.OnClientAttached(cluster[1].Id, 1), "room for another");
    }

    [Fact]
    public async Task A_wait_that_begins_after_a_view_is_for_its_members()
    {
        await using NameCluster cluster = await NameCluster.StartAsync(2, install: false);
        cluster.Install(0);
        using NameRegistration name = cluster[0].Register("name", TwoNodes.Echo);
        for (int round = 0; round < 200; round++)
        {
            // The second member never answers: were the wait for the view before, it would end at once.
            View both = cluster.MakeView(0, 1);
            NameCluster.NamesOf(cluster[0]).OnView(NameCluster.IdOf(cluster[0]), both);
            Task visible = name.VisibleAsync(TimeSpan.Zero);
            await Assert.ThrowsAsync<TimeoutException>(() => visible.WaitAsync(TwoNodes.Deadline));
            cluster.Install(0);
        }
    }
}
