using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Simulation.Checkers;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>
/// Many nodes without slots: how long until all are members of one view, what an idle second costs, how long until a crash of some, and the silence of one, is agreed by all others.
/// </summary>
internal static class Scale
{
    private static readonly long s_limit = TimeSpan.FromSeconds(120).Ticks;

    /// <summary>Runs one size and prints a line.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="crash">How many of them crash at once: the youngest, so that a steward majority is spared.</param>
    /// <param name="timing">The profile.</param>
    /// <returns>Whether all was agreed in time.</returns>
    public static bool Run(ulong seed, int nodes, int crash, ViewTiming timing)
    {
        Stopwatch watch = Stopwatch.StartNew();
        World world = new(Quiet(seed, nodes), Planted.Nothing, null) { Timing = timing };
        world.Begin();
        try
        {
            long joined = world.RunUntil(() => IsAgreed(world, nodes), s_limit);
            long views = Newest(world).Installed.Epoch & 0xfffff;
            world.RunUntil(static () => false, world.Now + (TimeSpan.TicksPerSecond * 10));
            long before = world.Network.Arrived;
            long leaderBefore = world.Nodes.Max(static node => node.Received);
            world.RunUntil(static () => false, world.Now + (TimeSpan.TicksPerSecond * 10));
            double perNode = (world.Network.Arrived - before) / 10.0 / nodes;
            double mostOfOne = (world.Nodes.Max(static node => node.Received) - leaderBefore) / 10.0;
            long crashedAt = world.Now;
            foreach (Member member in Newest(world).Installed.Members.TakeLast(crash).ToArray())
            {
                if (world.TryFindNode(member.Id.Peer, out int node))
                {
                    world.Nodes[node].Kill();
                }
            }

            long killed = world.RunUntil(() => IsAgreed(world, nodes - crash), world.Now + s_limit) - crashedAt;
            long killViews = (Newest(world).Installed.Epoch & 0xfffff) - views;
            long quiet = nodes - crash < 2 ? 0 : Silence(world, nodes - crash - 1);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{nodes,5} nodes: joined in {Seconds(joined)} with {views} views; idle {perNode:0} messages per node and second, {mostOfOne:0} at the busiest; {crash} killed, agreed after {Seconds(killed)} with {killViews} views; one silent, agreed after {Seconds(quiet)}; {watch.Elapsed.TotalSeconds:0.0} s of real time"));
            return joined < s_limit && killed < s_limit && quiet < s_limit;
        }
        catch (ViolationException violation)
        {
            Console.WriteLine($"{nodes,5} nodes: {violation.Message}");
            return false;
        }
    }

    /// <summary>One node does nothing any more.</summary>
    /// <returns>How long until the others agree on a view without it.</returns>
    private static long Silence(World world, int left)
    {
        SimNode silent = world.Nodes.Last(static node => node.Core is not null);
        long since = world.Now;
        silent.PausedUntil = long.MaxValue >> 26;
        world.Touch(silent.Index, silent.PausedUntil);
        return world.RunUntil(() => IsAgreed(world, left), world.Now + s_limit) - since;
    }

    private static string Seconds(long ticks) => string.Create(CultureInfo.InvariantCulture, $"{ticks / (double)TimeSpan.TicksPerSecond:0.0} s");

    private static ViewCore Newest(World world) => world.Nodes.Where(static node => node.Core is { Phase: ViewPhase.Member }).MaxBy(static node => node.Core!.Installed.Epoch)!.Core!;

    private static bool IsAgreed(World world, int members)
    {
        long epoch = -1;
        foreach (SimNode node in world.Nodes)
        {
            if (node.Core is not { } core || node.IsPaused)
            {
                continue;
            }

            epoch = epoch < 0 ? core.Installed.Epoch : epoch;
            if (core.Phase != ViewPhase.Member || core.Installed.Epoch != epoch || core.Installed.Members.Count != members || !core.MayEnter(node.Clock))
            {
                return false;
            }
        }

        return epoch >= 0;
    }

    private static Scenario Quiet(ulong seed, int nodes)
    {
        SimRandom random = new SimRandom(seed).Fork(1);
        return new Scenario
        {
            Seed = seed,
            Nodes = nodes,
            HasFounders = true,
            HasSlots = false,
            Reform = ReformMode.Operator,
            ClockRates = [.. Enumerable.Range(0, nodes).Select(_ => random.Between(0.9999, 1.0001))],
            StartAt = [.. Enumerable.Range(0, nodes).Select(_ => random.Ticks(0, 1000))],
            DelayMilliseconds = 0.2,
            JitterMilliseconds = 0.5,
            CutsKeep = true,
            ThroughBytes = false,
            Faults = [],
            HealAt = long.MaxValue,
        };
    }
}
