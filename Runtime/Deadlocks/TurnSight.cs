namespace Kameo.Actors.Deadlocks;

/// <summary>A turn that an ask waits for, as its activation shows it at one moment.</summary>
/// <param name="Turn">Which turn.</param>
/// <param name="IsBarring">Whether the ask is queued and may not start before the turn has ended; else it is the call that runs in the turn.</param>
/// <param name="Awaited">The numbers of the turn's asks without whose answers it cannot end.</param>
/// <param name="Text">The actor and the method, for people.</param>
internal readonly record struct TurnSight(TurnId Turn, bool IsBarring, IReadOnlyList<ulong> Awaited, string Text);
