namespace Kameo.Actors.Simulation.Checkers;

/// <summary>A promise was broken in a run.</summary>
/// <param name="promise">Which.</param>
/// <param name="what">What was seen.</param>
internal sealed class ViolationException(string promise, string what) : Exception($"{promise}: {what}")
{
    /// <summary>Which promise.</summary>
    public string Promise { get; } = promise;
}
