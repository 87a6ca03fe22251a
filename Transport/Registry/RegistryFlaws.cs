namespace Kameo.Actors.Transport.Registry;

/// <summary>Rules that a test may break on purpose, to show that its checks see it. Nothing but a test passes anything except <see cref="None"/>.</summary>
[Flags]
internal enum RegistryFlaws
{
    /// <summary>All rules hold.</summary>
    None = 0,

    /// <summary>A delta (a, b] is applied by a receiver at c &lt; a, whose counter then jumps the gap.</summary>
    JumpGaps = 1,

    /// <summary>A sender answers with a delta although it no longer remembers all removals since the receiver's counter.</summary>
    TrustShortLogs = 2,

    /// <summary>What a writer wrote stays after its incarnation left the view.</summary>
    KeepGoneWriters = 4,

    /// <summary>A wait does not count the members that joined after it began.</summary>
    ForgetJoiners = 8,

    /// <summary>A writer is a peer, whatever its incarnation: what an earlier life wrote, and its counter, count for the next one, whose own names are then taken for known.</summary>
    WritersArePeers = 16,

    /// <summary>Of two claims to a name the one that was heard of first has it, not that of the lowest join index.</summary>
    FirstHeardWins = 32,
}
