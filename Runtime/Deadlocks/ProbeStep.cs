namespace Kameo.Actors.Deadlocks;

/// <summary>A turn that a probe came through, and the ask by which it went on.</summary>
/// <param name="Turn">The turn.</param>
/// <param name="IsBarring">Whether the probe came by an ask that is queued and barred by the turn; else by the call that runs in it. Of the first step: always, since it starts where asks are barred.</param>
/// <param name="Ask">The number of the turn's ask, unique within it.</param>
/// <param name="Text">The actor and the method, for people.</param>
internal readonly record struct ProbeStep(TurnId Turn, bool IsBarring, ulong Ask, string Text);
