namespace Kameo.Actors.Transport.Registry;

/// <summary>The answer to a change of this node's own names.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Version">The version that carries it, to wait for; 0 when it was not done.</param>
internal readonly record struct RegisterResult(RegisterOutcome Outcome, ulong Version = 0);
