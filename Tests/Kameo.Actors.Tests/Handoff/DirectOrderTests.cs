namespace Kameo.Actors.Tests.Handoff;

/// <summary>Calls go straight to actors that are placed by choice, while those move, end and come back and members come and go: every caller's calls run once, in the order sent.</summary>
public sealed class DirectOrderTests
{
    private const int Actors = 60;

    [Fact]
    public async Task Actors_that_are_moved_by_order_get_every_callers_calls_in_order()
    {
        string world = NewWorld("moves", out Random random);
        await using RealCluster cluster = await RealCluster.StartAsync(3, PlaceAtRandom);
        ActorNode client = await cluster.AddClientAsync();
        CallerLoad[] callers = NewCallers(cluster, client, world, random);
        await MovingUnderLoadTests.ForAWhileAsync(callers, 100);
        long direct = 0;
        long end = Environment.TickCount64 + 5_000;
        while (Environment.TickCount64 < end)
        {
            await MovingUnderLoadTests.ForAWhileAsync(callers, random.Next(40));
            direct = Math.Max(direct, client.Slots!.DirectWays);
            for (int count = 0; count < 4; count++)
            {
                IVisited actor = NewActor(client, world, random);
                if (random.Next(3) == 0)
                {
                    await actor.Tell().Restart();
                }
                else
                {
                    cluster.Members[0].Move(actor, cluster.Members[random.Next(cluster.Members.Count)].Id);
                }
            }
        }

        await MovingUnderLoadTests.StopAsync(callers, world, cluster);
        await cluster.SettleAsync();
        Assert.InRange(direct, Actors / 4, Actors); // Of three hosts one is the owner.
        AssertNoFaults(world);
    }

    [Fact]
    public async Task Members_come_and_go_and_every_callers_calls_run_in_order()
    {
        string world = NewWorld("views", out Random random);
        await using RealCluster cluster = await RealCluster.StartAsync(2, PlaceAtRandom);
        ActorNode client = await cluster.AddClientAsync();
        CallerLoad[] callers = NewCallers(cluster, client, world, random);
        long end = Environment.TickCount64 + 5_000;
        while (Environment.TickCount64 < end)
        {
            await MovingUnderLoadTests.ForAWhileAsync(callers, random.Next(100));
            if (cluster.Members.Count < 3)
            {
                await cluster.JoinAsync();
            }
            else
            {
                await cluster.LeaveAsync(cluster.Members[random.Next(2, cluster.Members.Count)]);
            }

            await NewActor(client, world, random).Tell().Restart();
        }

        await MovingUnderLoadTests.StopAsync(callers, world, cluster);
        await cluster.SettleAsync();
        AssertNoFaults(world);
    }

    private static string NewWorld(string name, out Random random)
    {
        int seed = Environment.GetEnvironmentVariable("KAMEO_SEED") is { } given ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        Console.WriteLine($"seed {seed}");
        random = new Random(seed);
        string world = $"{name}{Guid.NewGuid():n}";
        Ledger.Named(world).IsPlacedByChoice = true;
        return world;
    }

    private static void PlaceAtRandom(ActorNodeOptions options)
    {
        options.ClassSpecificPlacement[typeof(WandererActor)] = new(ActorPlacement.Random);
        options.ClassSpecificPlacement[typeof(SilentActor)] = new(ActorPlacement.Random);
    }

    private static CallerLoad[] NewCallers(RealCluster cluster, ActorNode client, string world, Random random) =>
    [
        new(client, world, "client", Actors, random.Next()), new(client, world, "client2", Actors, random.Next()),
        new(cluster.Members[0], world, "first", Actors, random.Next()), new(cluster.Members[1], world, "second", Actors, random.Next()),
    ];

    /// <summary>As the callers name them.</summary>
    private static IVisited NewActor(ActorNode node, string world, Random random)
    {
        int index = random.Next(Actors);
        return index % 2 == 0 ? node.Get<IWanderer>($"{world}/{index}") : node.Get<ISilent>($"{world}/{index}");
    }

    private static void AssertNoFaults(string world) => Assert.True(Ledger.Named(world).Faults.Count == 0, string.Join("\n", Ledger.Named(world).Faults.Take(12)));
}
