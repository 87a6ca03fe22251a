using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation;

/// <summary>Everything that a seed decides before the run: nodes, clocks, links, faults.</summary>
internal sealed record Scenario
{
    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>How many nodes.</summary>
    public required int Nodes { get; init; }

    /// <summary>Whether founders are configured; else any node may found alone.</summary>
    public required bool HasFounders { get; init; }

    /// <summary>Whether there are slots and turns on top.</summary>
    public bool HasSlots { get; init; } = true;

    /// <summary>Whether nodes have names.</summary>
    public bool HasNames { get; init; } = true;

    /// <summary>Whether nodes keep term, vote and log over restarts.</summary>
    public bool KeepsState { get; init; }

    /// <summary>What nodes do when a majority of stewards is lost.</summary>
    public required ReformMode Reform { get; init; }

    /// <summary>The rate of each node's clock against true time.</summary>
    public required IReadOnlyList<double> ClockRates { get; init; }

    /// <summary>When each node starts.</summary>
    public required IReadOnlyList<long> StartAt { get; init; }

    /// <summary>The least delay of a link.</summary>
    public required double DelayMilliseconds { get; init; }

    /// <summary>How much is added at most.</summary>
    public required double JitterMilliseconds { get; init; }

    /// <summary>Whether a cut link keeps what is sent, as TCP does, and delivers it late; else it is lost.</summary>
    public required bool CutsKeep { get; init; }

    /// <summary>Whether every message goes through its bytes.</summary>
    public required bool ThroughBytes { get; init; }

    /// <summary>Whether nodes run with the timing for long distances.</summary>
    public bool IsWan { get; init; }

    /// <summary>Whether joins come soon after an eviction, in the middle of what has to be waited for: safety does not rest on their patience.</summary>
    public bool JoinsEarly { get; init; }

    /// <summary>What goes wrong.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>When everything heals.</summary>
    public required long HealAt { get; init; }

    /// <summary>Makes the scenario of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="driftPercent">How far clock rates may be off; beyond 10 promises may give way.</param>
    public static Scenario Of(ulong seed, double driftPercent)
    {
        SimRandom random = new SimRandom(seed).Fork(1);
        bool isWan = seed % 16 == 5;
        int nodes = random.Chance(0.12) ? 9 : random.Next(3, 9);
        double drift = driftPercent / 100;
        double[] rates = new double[nodes];
        bool extreme = random.Chance(0.5);
        long[] starts = new long[nodes];
        for (int i = 0; i < nodes; i++)
        {
            rates[i] = extreme ? (random.Chance(0.5) ? 1 - drift : 1 + drift) : random.Between(1 - drift, 1 + drift);
            starts[i] = random.Chance(0.8) ? random.Ticks(0, 300) : random.Ticks(300, 6000);
        }

        long faultsFrom = random.Ticks(1000, 4000);
        long faultsUntil = faultsFrom + (random.Ticks(5000, 16000) * (isWan ? 3 : 1));
        int count = random.Next(2, 9);
        List<Fault> faults = [];
        for (int i = 0; i < count; i++)
        {
            Fault fault = MakeFault(random, i, nodes, faultsFrom, faultsUntil);
            faults.Add(isWan ? fault with { Duration = fault.Duration * 3 } : fault);
        }

        bool keepsState = random.Chance(0.25);
        if (keepsState && random.Chance(0.4))
        {
            // Power fails everywhere at once: what a state directory is for.
            faults.Add(new Fault(count, faultsFrom + random.NextInt64(faultsUntil - faultsFrom), FaultKind.CrashMany, 0, (1 << nodes) - 1, random.Ticks(50, 5000)));
        }

        if (nodes == 9 && random.Chance(0.4))
        {
            // Only here a bare majority of the seven stewards leaves a majority of members on the other side.
            faults.Add(new Fault(count + 1, faultsFrom + random.NextInt64(faultsUntil - faultsFrom), FaultKind.PartStewards, 0, 0, random.Ticks(9000, 16000)));
        }

        if (seed % 10 == 3)
        {
            SimRandom apart = new SimRandom(seed).Fork(3);
            faults.Add(new Fault(count + 2, faultsFrom + apart.NextInt64(faultsUntil - faultsFrom), FaultKind.LeaveTwice, apart.Next(nodes), apart.Next(nodes), apart.Ticks(4000, 12000)));
        }

        faults.Sort(static (left, right) => left.At.CompareTo(right.At));
        return new Scenario
        {
            Seed = seed,
            Nodes = nodes,
            HasFounders = random.Chance(0.6),
            Reform = random.Chance(0.5) ? ReformMode.WhenAllReturn : ReformMode.Operator,
            ClockRates = rates,
            StartAt = starts,
            KeepsState = keepsState,
            IsWan = isWan,
            JoinsEarly = seed % 3 == 0,
            DelayMilliseconds = isWan ? random.Between(5, 150) : random.Chance(0.7) ? random.Between(0.1, 2) : random.Between(2, 30),
            JitterMilliseconds = isWan ? random.Between(1, 80) : random.Chance(0.7) ? random.Between(0.1, 3) : random.Between(3, 30),
            CutsKeep = random.Chance(0.5),
            ThroughBytes = seed % 8 == 0,
            Faults = faults,
            HealAt = faultsUntil + random.Ticks(500, 6000),
        };
    }

    /// <summary>The same with only some of its faults.</summary>
    public Scenario Keeping(IReadOnlyCollection<int> numbers) => this with { Faults = [.. Faults.Where(fault => numbers.Contains(fault.Number))] };

    /// <summary>The same with fewer nodes: faults of those that are gone befall others.</summary>
    public Scenario WithNodes(int nodes) => this with
    {
        Nodes = nodes,
        ClockRates = [.. ClockRates.Take(nodes)],
        StartAt = [.. StartAt.Take(nodes)],
        Faults = [.. Faults.Select(fault => fault with
        {
            Node = fault.Node % nodes,
            Other = fault.Kind is FaultKind.Partition or FaultKind.CrashMany ? fault.Other & ((1 << nodes) - 1) : fault.Other % nodes,
        })],
    };

    private static Fault MakeFault(SimRandom random, int number, int nodes, long from, long until)
    {
        FaultKind kind = (FaultKind)random.Next((int)FaultKind.Bounce + 1);
        long at = from + random.NextInt64(until - from);
        int other = kind is FaultKind.Partition or FaultKind.CrashMany ? random.Next(1, (1 << nodes) - 1) : random.Next(nodes);
        long duration = kind switch
        {
            FaultKind.Crash or FaultKind.CrashLeader or FaultKind.CrashMany => random.Chance(0.5) ? random.Ticks(50, 1500) : random.Ticks(1500, 10000),
            FaultKind.Pause or FaultKind.PauseLeader => random.Chance(0.5) ? random.Ticks(300, 3500) : random.Ticks(3500, 14000),
            FaultKind.EvictTwice => random.Ticks(1000, 2500),
            FaultKind.Bounce => random.Ticks(1, 400),
            FaultKind.Stutter => random.Ticks(1500, 4000),
            FaultKind.PartStewards => random.Ticks(4000, 16000),
            FaultKind.Slow => random.Ticks(1000, 6000),
            _ => random.Chance(0.5) ? random.Ticks(300, 4000) : random.Ticks(4000, 14000),
        };
        return new Fault(number, at, kind, random.Next(nodes), other, duration);
    }
}
