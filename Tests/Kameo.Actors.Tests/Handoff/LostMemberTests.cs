using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>A member that is suddenly silent, under load; and what else is seen of who owns an actor.</summary>
public sealed class LostMemberTests
{
    private const int Actors = 100;

    [Fact]
    public async Task All_actors_answer_again_when_a_member_went_silent_and_none_is_in_two_places()
    {
        string world = $"lost{Guid.NewGuid():n}";
        Ledger ledger = Ledger.Named(world);
        ledger.IsOrdered = false;
        await using RealCluster cluster = await RealCluster.StartAsync(3, static options => options.Membership = new MembershipOptions { Timing = QuickTiming.Timing, LeaveTimeout = TimeSpan.FromSeconds(5) });
        ActorNode client = await cluster.AddClientAsync();
        ActorNode silent = cluster.Members[2];
        CallerLoad[] callers = [new(client, world, "client", Actors, 1, tells: false), new(cluster.Members[0], world, "first", Actors, 2, tells: false)];
        foreach (CallerLoad caller in callers)
        {
            await Eventually.TrueAsync(() => caller.Answered > 200, "answers");
        }

        using (Stall stall = await Stall.OfAsync(silent))
        {
            await cluster.Members[0].Transport.Membership!.WaitForAsync(static status => status.Members.Count == 2).WaitAsync(RealCluster.Deadline);
            for (int index = 0; index < Actors; index++)
            {
                string node = await UntilAnsweredAsync(client, world, index);
                Assert.NotEqual(silent.Id.ToString(), node);
            }
        }

        await cluster.Members[0].Transport.Membership!.WaitForAsync(static status => status.Members.Count == 3).WaitAsync(RealCluster.Deadline);
        foreach (CallerLoad caller in callers)
        {
            await caller.StopAsync();
            Assert.All(caller.Failures, static failure => Assert.True(failure is NodeUnreachableException or AskTimeoutException, failure.ToString()));
        }

        await cluster.SettleAsync();
        for (int index = 0; index < Actors; index++)
        {
            await UntilAnsweredAsync(client, world, index);
        }

        // The one that was evicted was told nothing: what it had simply never was entered again.
        Assert.DoesNotContain(ledger.Faults, static fault => !fault.Contains("while it lives on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_fence_rises_with_every_owner_and_stays_when_an_actor_begins_again()
    {
        string world = $"fence{Guid.NewGuid():n}";
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode first = cluster.Members[0];
        long[] before = new long[20];
        for (int index = 0; index < before.Length; index++)
        {
            IWanderer actor = first.Get<IWanderer>($"{world}/{index}");
            before[index] = await actor.Fence();
            await actor.Restart();
            Assert.Equal(before[index], await actor.Fence());
        }

        ActorNode second = await cluster.JoinAsync();
        await cluster.SettleAsync();
        int risen = 0;
        for (int index = 0; index < before.Length; index++)
        {
            long fence = await first.Get<IWanderer>($"{world}/{index}").Fence();
            Assert.True(fence >= before[index]);
            risen += fence > before[index] ? 1 : 0;
            Assert.Equal(fence > before[index], Ledger.Of($"{world}/{index}").Node == second.Id.ToString());
        }

        Assert.InRange(risen, 1, before.Length - 1);
        Assert.True(Ledger.Named(world).Faults.Count == 0, string.Join("\n", Ledger.Named(world).Faults.Take(12)));
    }

    private static async Task<string> UntilAnsweredAsync(ActorNode from, string world, int index)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                return await (index % 2 == 0 ? (IVisited)from.Get<IWanderer>($"{world}/{index}") : from.Get<ISilent>($"{world}/{index}")).Visit("again", Environment.TickCount64 + index).AsTask().WaitAsync(RealCluster.Deadline);
            }
            catch (ActorCallException) when (Environment.TickCount64 - start < RealCluster.Deadline.TotalMilliseconds)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }
}
