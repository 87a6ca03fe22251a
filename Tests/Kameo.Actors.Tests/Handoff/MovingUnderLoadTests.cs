namespace Kameo.Actors.Tests.Handoff;

/// <summary>Members come and go under load: nothing fails, nothing is lost, every caller's calls run in the order sent, and no actor is in two places.</summary>
public sealed class MovingUnderLoadTests
{
    private const int Actors = 300;

    [Fact]
    public async Task Asks_and_tells_run_once_in_order_while_a_member_joins_and_it_takes_its_share()
    {
        string world = $"join{Guid.NewGuid():n}";
        await using RealCluster cluster = await RealCluster.StartAsync(2);
        ActorNode client = await cluster.AddClientAsync();
        CallerLoad[] callers =
        [
            new(client, world, "client", Actors, 1), new(client, world, "client2", Actors, 2), new(cluster.Members[0], world, "first", Actors, 3), new(cluster.Members[1], world, "second", Actors, 4),
        ];
        await ForAWhileAsync(callers, 300);
        ActorNode joiner = await cluster.JoinAsync();
        await ForAWhileAsync(callers, 300);
        await StopAsync(callers, world);
        await cluster.SettleAsync();
        await MeetAllAsync(client, world);
        Assert.InRange(Ledger.Named(world).Entries.Count(entry => entry.Node == joiner.Id.ToString()), Actors / 6, Actors / 2);
        Assert.True(Ledger.Named(world).Faults.Count == 0, string.Join("\n", Ledger.Named(world).Faults.Take(12)));
    }

    [Fact]
    public async Task Asks_and_tells_run_once_in_order_while_a_member_leaves()
    {
        string world = $"leave{Guid.NewGuid():n}";
        await using RealCluster cluster = await RealCluster.StartAsync(3);
        ActorNode client = await cluster.AddClientAsync();
        CallerLoad[] callers = [new(client, world, "client", Actors, 1), new(client, world, "client2", Actors, 2), new(cluster.Members[0], world, "first", Actors, 3), new(cluster.Members[2], world, "third", Actors, 4)];
        await ForAWhileAsync(callers, 300);
        ActorNode gone = cluster.Members[1];
        await cluster.LeaveAsync(gone);
        await ForAWhileAsync(callers, 300);
        await StopAsync(callers, world);
        await cluster.SettleAsync();
        await MeetAllAsync(client, world);
        Assert.DoesNotContain(Ledger.Named(world).Entries, entry => entry.Node == gone.Id.ToString());
        Assert.True(Ledger.Named(world).Faults.Count == 0, string.Join("\n", Ledger.Named(world).Faults.Take(12)));
    }

    [Fact]
    public async Task More_idle_actors_than_are_let_go_at_once_all_move()
    {
        const int Many = 6_000;
        string world = $"many{Guid.NewGuid():n}";
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode first = cluster.Members[0];
        await Task.WhenAll(Enumerable.Range(0, Many).Select(actor => first.Get<ISilent>($"{world}/{actor}").Fence().AsTask()));
        Assert.Equal(Many, first.ActivationCount);

        ActorNode next = await cluster.JoinAsync();
        await cluster.SettleAsync();

        Assert.All(first.Activations.Actors, activation => Assert.True(first.Slots!.IsOwned(activation), activation.Id.ToString()));
        int left = first.ActivationCount;
        Assert.InRange(left, Many / 3, Many * 2 / 3);
        await Task.WhenAll(Enumerable.Range(0, Many).Select(actor => first.Get<ISilent>($"{world}/{actor}").Fence().AsTask()));
        Assert.Equal(left, first.ActivationCount);
        Assert.Equal(Many - left, next.ActivationCount);
    }

    [Fact]
    public async Task Members_that_come_and_go_at_random_disturb_no_call()
    {
        int seed = Environment.GetEnvironmentVariable("KAMEO_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        Console.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string world = $"random{Guid.NewGuid():n}";
        await using RealCluster cluster = await RealCluster.StartAsync(2);
        ActorNode client = await cluster.AddClientAsync();
        CallerLoad[] callers = [new(client, world, "client", Actors, seed), new(client, world, "client2", Actors, seed + 1), new(cluster.Members[0], world, "first", Actors, seed + 2)];
        long end = Environment.TickCount64 + 8_000;
        while (Environment.TickCount64 < end)
        {
            await ForAWhileAsync(callers, random.Next(200));
            if (cluster.Members.Count < 3 || (cluster.Members.Count < 4 && random.Next(2) == 0))
            {
                await cluster.JoinAsync();
            }
            else
            {
                await cluster.LeaveAsync(cluster.Members[random.Next(1, cluster.Members.Count)]);
            }
        }

        await StopAsync(callers, $"{world}, seed {seed}", cluster);
        await cluster.SettleAsync();
        await MeetAllAsync(client, world);
        Assert.True(Ledger.Named(world).Faults.Count == 0, string.Join("\n", Ledger.Named(world).Faults.Take(12)));
    }

    /// <summary>Until each caller had so many answers more.</summary>
    internal static async Task ForAWhileAsync(CallerLoad[] callers, int answers)
    {
        long[] goals = [.. callers.Select(caller => caller.Answered + answers)];
        for (int index = 0; index < callers.Length; index++)
        {
            long start = Environment.TickCount64;
            while (callers[index].Answered < goals[index] && callers[index].Failures.Count == 0)
            {
                Assert.True(Environment.TickCount64 - start < 40_000, "no answers come");
                await Task.Delay(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    internal static async Task StopAsync(CallerLoad[] callers, string world, RealCluster? cluster = null)
    {
        if (cluster is not null && callers.Any(static caller => caller.Failures.Count != 0))
        {
            world += "\n" + cluster;
        }

        foreach (CallerLoad caller in callers)
        {
            await caller.StopAsync();
            Assert.True(caller.Failures.Count == 0, $"{world}: {caller.Failures.Count} failed: {string.Join('\n', caller.Failures.Take(3))}\n{string.Join('\n', Ledger.Named(world.Split(',')[0]).Faults.Take(5))}");
        }

        long start = Environment.TickCount64;
        while (callers.SelectMany(static caller => caller.Missing()).Any())
        {
            Assert.True(Environment.TickCount64 - start < 10_000, $"{world}: {string.Join('\n', callers.SelectMany(static caller => caller.Missing()).Take(10))}");
            await Task.Delay(TimeSpan.FromMilliseconds(20)); // Tells may still be on their way.
        }
    }

    private static async Task MeetAllAsync(ActorNode from, string world)
    {
        for (int index = 0; index < Actors; index++)
        {
            IVisited actor = index % 2 == 0 ? from.Get<IWanderer>($"{world}/{index}") : from.Get<ISilent>($"{world}/{index}");
            await actor.Visit("last", 1).AsTask().WaitAsync(RealCluster.Deadline);
        }
    }
}
