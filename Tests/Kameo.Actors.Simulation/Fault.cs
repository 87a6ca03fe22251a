namespace Kameo.Actors.Simulation;

/// <summary>What can go wrong, or be ordered, in a run.</summary>
internal enum FaultKind
{
    /// <summary>A node's process dies, and starts again after the duration as a new incarnation at the same address.</summary>
    Crash,

    /// <summary>The node that leads then dies.</summary>
    CrashLeader,

    /// <summary>A node does nothing for the duration; what is sent to it waits in its sockets.</summary>
    Pause,

    /// <summary>The node that leads then does nothing for the duration.</summary>
    PauseLeader,

    /// <summary>Several short pauses of a node, one after the other.</summary>
    Stutter,

    /// <summary>Nothing passes from one node to another.</summary>
    CutOneWay,

    /// <summary>Nothing passes between a node and any other.</summary>
    Isolate,

    /// <summary>Nothing passes between two halves.</summary>
    Partition,

    /// <summary>A bare majority of stewards is parted from all others.</summary>
    PartStewards,

    /// <summary>The leader and one steward are parted from all others.</summary>
    PartLeader,

    /// <summary>A node handles what it gets late.</summary>
    Slow,

    /// <summary>An operator removes a live member.</summary>
    Evict,

    /// <summary>An operator removes a live member at the moment when it is cut off.</summary>
    EvictIsolated,

    /// <summary>A node leaves gracefully, and starts again after the duration.</summary>
    Leave,

    /// <summary>Links lose, double and reorder messages.</summary>
    Noise,

    /// <summary>Several nodes die at once.</summary>
    CrashMany,

    /// <summary>A leader that is parted from most stewards is told to remove a member, and so only writes it down; later the member is removed for good at the moment when it is cut off.</summary>
    EvictTwice,

    /// <summary>A node dies, and starts again at once.</summary>
    Bounce,

    /// <summary>A node leaves, and does nothing before it has heard that it may; another one, which got its slots if any did, leaves behind it. Not drawn like the others, but part of every tenth seed.</summary>
    LeaveTwice,
}

/// <summary>One fault of a scenario.</summary>
/// <param name="Number">Its number in the scenario, by which it is kept or left out when a run is shrunk.</param>
/// <param name="At">When, in ticks of true time.</param>
/// <param name="Kind">What.</param>
/// <param name="Node">Whom it concerns, of those kinds that choose a node beforehand.</param>
/// <param name="Other">The other node, or a set of nodes as bits.</param>
/// <param name="Duration">For how long.</param>
internal sealed record Fault(int Number, long At, FaultKind Kind, int Node, int Other, long Duration)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Number}: {At / (double)TimeSpan.TicksPerSecond:0.000} s {Kind} node {Node} other {Other} for {Duration / (double)TimeSpan.TicksPerSecond:0.000} s");
}
