namespace Kameo.Actors.Transport.Registry;

/// <summary>A wait that ended.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Outcome">How it ended.</param>
internal readonly record struct WaitEnd(int Id, WaitOutcome Outcome);
