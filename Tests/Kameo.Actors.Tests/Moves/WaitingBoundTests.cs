using Kameo.Actors.Calls;
using Kameo.Actors.Slots;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Moves;

/// <summary>As many calls wait for slots that pass on, or for a node that hosts their actors, as may; one more is refused by name, and those that were taken run in order.</summary>
public sealed class WaitingBoundTests
{
    private const int Actors = 16;
    private const int Over = 20;

    [Fact]
    public async Task Calls_wait_for_slots_up_to_their_bound()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1, static options => options.AskTimeout = TimeSpan.FromMinutes(2));
        ActorNode joiner;
        List<Task> accepted = [];
        string world = Journal.NewKey();
        ICounter[] counters;
        using (await SlotStall.OfAsync(cluster.Members[0])) // It does not give its slots.
        {
            joiner = await cluster.JoinAsync(stalled: cluster.Members[0]);
            await Eventually.TrueAsync(() => joiner.Slots!.Awaited > 0, "slots that are awaited");
            counters = [.. Enumerable.Range(0, 10_000).Select(number => $"{world}/{number}").Where(key => IsAwaited(joiner, key)).Take(Actors).Select(key => joiner.Get<ICounter>(key))];
            for (int number = 0; number < HandoffLimits.HeldMax / Actors; number++)
            {
                foreach (ICounter counter in counters)
                {
                    accepted.Add(number % 2 == 0 ? counter.Add(1).AsTask() : counter.Note(number));
                }
            }

            Assert.Equal(HandoffLimits.HeldMax, joiner.Slots!.Held);
            await AssertRefusedAsync(counters, "too many calls wait for actors that move from node to node");
            Assert.Equal(HandoffLimits.HeldMax, joiner.Slots!.Held);
            Assert.DoesNotContain(accepted, static call => call.IsCompleted);
        }

        await AssertServedAsync(accepted, counters, HandoffLimits.HeldMax / Actors);
        Assert.Equal(0, joiner.Slots!.Held);
    }

    [Fact]
    public async Task Calls_wait_for_a_node_that_hosts_their_actors_up_to_their_bound()
    {
        bool hosts = false;
        await using RealCluster cluster = await RealCluster.StartAsync(1, options =>
        {
            options.AskTimeout = options.TellTimeout = options.WaitForHost = TimeSpan.FromMinutes(2);
            options.Hosts = hosts ? null : static type => type != typeof(CounterActor);
        });
        ActorNode caller = cluster.Members[0];
        string world = Journal.NewKey();
        ICounter[] counters = [.. Enumerable.Range(0, Actors).Select(number => caller.Get<ICounter>($"{world}/{number}"))];
        List<Task> accepted = [];
        for (int number = 0; number < CallsWithoutHost.CallsMax / Actors; number++)
        {
            foreach (ICounter counter in counters)
            {
                accepted.Add(number % 2 == 0 ? counter.Add(1).AsTask() : counter.Note(number));
            }
        }

        Assert.Equal(CallsWithoutHost.CallsMax, caller.WithoutHost.Count);
        await AssertRefusedAsync(counters, "calls wait for nodes that host their actors already");
        Assert.Equal(CallsWithoutHost.CallsMax, caller.WithoutHost.Count);
        Assert.DoesNotContain(accepted, static call => call.IsCompleted);
        hosts = true;
        await cluster.JoinAsync();

        await AssertServedAsync(accepted, counters, CallsWithoutHost.CallsMax / Actors);
        Assert.Equal(0, caller.WithoutHost.Count);
    }

    private static async Task AssertRefusedAsync(ICounter[] counters, string why)
    {
        for (int number = 0; number < Over; number++)
        {
            ICounter counter = counters[number % counters.Length];
            Task call = number % 2 == 0 ? counter.Add(1).AsTask() : counter.Note(-1);
            OverloadedException refused = await Assert.ThrowsAsync<OverloadedException>(() => call.WaitAsync(RealCluster.Deadline));
            Assert.Equal(CallOutcome.NotRun, refused.Outcome);
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }

    private static async Task AssertServedAsync(List<Task> accepted, ICounter[] counters, int each)
    {
        await Task.WhenAll(accepted).WaitAsync(TimeSpan.FromSeconds(60));
        for (int index = 0; index < counters.Length; index++)
        {
            IEnumerable<Task> own = accepted.Where((_, number) => number % counters.Length == index);
            Assert.Equal(Enumerable.Range(1, each / 2).Select(static count => (long)count), own.OfType<Task<long>>().Select(static ask => ask.Result));
            Assert.Equal(Enumerable.Range(0, each).Where(static number => number % 2 == 1), await counters[index].Notes().WaitAsync(RealCluster.Deadline));
        }
    }

    private static bool IsAwaited(ActorNode node, string key)
    {
        var id = new ActorId(typeof(CounterActor).FullName!, ActorKey.Of(key));
        TypeGroup group = node.Slots!.GroupOf(id.ClassName)!;
        int slot = Placement.SlotHash.SlotOf(id);
        return group.OwnerOf(slot).Peer == node.Id && group.StateOf(slot) == SlotState.Ask;
    }
}
