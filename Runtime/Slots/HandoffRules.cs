namespace Kameo.Actors.Slots;

/// <summary>
/// The rules of hand-off that a counterexample once forced, each as a switch that is on. Production code never turns one off; the simulator does, one at a time, to show that its checkers see what the rule prevents.
/// </summary>
internal sealed record HandoffRules
{
    /// <summary>The right rules.</summary>
    public static HandoffRules Right { get; } = new();

    /// <summary>Every owner since the settled view releases a slot, not only the last; and if one of them never had its records, they are asked for.</summary>
    public bool AllFormerOwnersRelease { get; init; } = true;

    /// <summary>What an evicted node still sends is refused.</summary>
    public bool RefusesEvicted { get; init; } = true;

    /// <summary>A sender flushes the old way to a slot before it takes the new one.</summary>
    public bool FlushesOldRoute { get; init; } = true;

    /// <summary>The new owner of a dead one's slot asks every member for its activations.</summary>
    public bool RecoversDirectory { get; init; } = true;

    /// <summary>What still runs where a slot was is told to the new owner, which leaves it there.</summary>
    public bool TellsBusy { get; init; } = true;

    /// <summary>An activation that ended is taken over only when all that was on its way to it came back.</summary>
    public bool ClosesBehindReturned { get; init; } = true;

    /// <summary>Records move with the slot.</summary>
    public bool RecordsMove { get; init; } = true;

    /// <summary>Calls wait while a direct way to their actor is asked for.</summary>
    public bool HoldsWhileWayIsAsked { get; init; } = true;

    /// <summary>A host runs what came straight only for the stay that is meant.</summary>
    public bool ChecksStay { get; init; } = true;

    /// <summary>A direct way is flushed before calls go by the owner again.</summary>
    public bool FlushesLeftWay { get; init; } = true;

    /// <summary>A call that finds its host without a connection waits for one, or for the end of the one before: what went there may yet arrive.</summary>
    public bool WaitsForConnection { get; init; } = true;
}
