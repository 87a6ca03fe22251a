using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Simulation.Checkers;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Simulation;

/// <summary>
/// Many nodes without slots: how long until all are members of one view, what an idle second costs, how long until a crash of some, and the silence of one, is agreed by all others; and that a crash with a majority of
/// stewards halts the cluster, and is said by all that are left.
/// </summary>
internal static class Scale
{
    private const int IdleSeconds = 10;
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
        try
        {
            World world = Join(seed, nodes, timing, out long joined);
            long views = Views(world);
            Print($"{nodes,5} nodes: joined in {Seconds(joined)} with {views} views");
            Idle(world);
            long crashedAt = world.Now;
            foreach (Member member in Newest(world).Installed.Members.TakeLast(crash).ToArray())
            {
                Kill(world, member.Id);
            }

            long killed = world.RunUntil(() => IsAgreed(world, nodes - crash), world.Now + s_limit) - crashedAt;
            Print($"       {crash} killed, agreed after {Seconds(killed)} with {Views(world) - views} views");
            long quiet = nodes - crash < 2 ? 0 : Silence(world, nodes - crash - 1);
            Print($"       one silent, agreed after {Seconds(quiet)}");
            bool halts = LoseMajority(seed, nodes, crash, timing);
            Print($"       {watch.Elapsed.TotalSeconds:0.0} s of real time, {Environment.WorkingSet >> 20} MiB");
            return joined < s_limit && killed < s_limit && quiet < s_limit && halts;
        }
        catch (ViolationException violation)
        {
            Print($"{nodes,5} nodes: {violation.Message}");
            return false;
        }
    }

    private static World Join(ulong seed, int nodes, ViewTiming timing, out long joined)
    {
        World world = new(Quiet(seed, nodes), Planted.Nothing, null) { Timing = timing };
        world.Begin();
        joined = world.RunUntil(() => IsAgreed(world, nodes), s_limit);
        world.RunUntil(static () => false, world.Now + (TimeSpan.TicksPerSecond * IdleSeconds));
        return world;
    }

    /// <summary>What some seconds cost in which nothing happens.</summary>
    private static void Idle(World world)
    {
        int nodes = world.Nodes.Length;
        Traffic traffic = new(nodes) { IsOn = true };
        world.Network.Traffic = traffic;
        world.RunUntil(static () => false, world.Now + (TimeSpan.TicksPerSecond * IdleSeconds));
        world.Network.Traffic = null;
        Traffic.Load most = traffic.Most();
        Traffic.Load leader = world.Nodes.Where(static node => node.Core is { Raft.Role: RaftRole.Leader }).Select(node => traffic.Of(node.Index)).FirstOrDefault();
        double each = 1.0 / (nodes * IdleSeconds);
        const double Second = 1.0 / IdleSeconds;
        Print($"       idle, sent per node and second: {traffic.Total.Messages * each:0} messages, {traffic.Total.Bytes * each:N0} bytes, of them {traffic.Total.LeaseMessages * each:0.0} and {traffic.Total.LeaseBytes * each:N0} for leases");
        Print($"       idle, in and out of the leader per second: {leader.Messages * Second:N0} messages, {leader.Bytes * Second:N0} bytes, of them {leader.LeaseMessages * Second:N0} and {leader.LeaseBytes * Second:N0} for leases; of the busiest node {most.Messages * Second:N0} and {most.Bytes * Second:N0}");
    }

    /// <summary>A crash that takes a majority of stewards with it, the leader among them: no view follows, every lease lapses, and all that are left say who is missing.</summary>
    private static bool LoseMajority(ulong seed, int nodes, int crash, ViewTiming timing)
    {
        if (nodes < 3)
        {
            return true;
        }

        World world = Join(seed, nodes, timing, out _);
        View view = Newest(world).Installed;
        MemberId[] lost = [.. view.Stewards.Take((view.Stewards.Count / 2) + 1)];
        long crashedAt = world.Now;
        foreach (MemberId id in lost.Concat(view.Members.Select(static member => member.Id).TakeLast(Math.Max(0, crash - lost.Length))))
        {
            Kill(world, id);
        }

        SimNode[] left = [.. world.Nodes.Where(static node => node.Core is not null)];
        long lapsed = world.RunUntil(() => left.All(static node => !node.Core!.MayEnter(node.Clock)), world.Now + s_limit) - crashedAt;
        long halted = world.RunUntil(() => left.All(static node => node.Halted is not null), world.Now + s_limit) - crashedAt;
        int exact = left.Count(node => node.Halted is { } said && said.MissingStewards.Count == lost.Length && said.MissingStewards.All(lost.Contains));
        bool isSame = left.All(node => node.Core!.Installed.Epoch == view.Epoch);
        Print($"       {Math.Max(crash, lost.Length)} killed, {lost.Length} of {view.Stewards.Count} stewards among them: last lease ended after {Seconds(lapsed)}, all {left.Length} that are left said after {Seconds(halted)} that the cluster halted, {exact} of them exactly which stewards are missing; {(isSame ? "no view" : "VIEWS")} since");
        return isSame && halted < s_limit;
    }

    private static void Kill(World world, MemberId id)
    {
        if (world.TryFindNode(id.Peer, out int node))
        {
            world.Nodes[node].Kill();
        }
    }

    private static long Views(World world) => Newest(world).Installed.Epoch & 0xfffff;

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

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
            HasNames = false,
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
