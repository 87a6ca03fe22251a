namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>One number of a run.</summary>
/// <param name="Name">What.</param>
/// <param name="Unit">In which unit.</param>
/// <param name="Value">How much; NaN: it was not found.</param>
/// <param name="AtMost">The goal; null for none.</param>
/// <param name="IsBroken">Whether a value beyond the goal is a mistake of the program, not only slow.</param>
internal sealed record HandoffFinding(string Name, string Unit, double Value, double? AtMost = null, bool IsBroken = false)
{
    /// <summary>Whether the goal is reached; null without one.</summary>
    public bool? IsReached => AtMost is { } most ? Value <= most : null;
}

/// <summary>The asks of one phase.</summary>
internal sealed record HandoffPhase(string Name, long Answered, double Seconds, double P50, double P99, double Most, IReadOnlyDictionary<string, int> Failures);

/// <summary>What one member takes at one moment.</summary>
internal sealed record HandoffFootprint(string When, string Member, long Activations, long Turns, long WorkingSet, long Heap, double ProcessorSeconds, double PauseMilliseconds, int FullCollections);

/// <summary>All that a run found.</summary>
internal sealed record HandoffFindings(
    IReadOnlyList<HandoffFinding> Numbers,
    IReadOnlyList<HandoffPhase> Phases,
    IReadOnlyList<HandoffFootprint> Members,
    IReadOnlyCollection<string> Violations)
{
    /// <summary>Whether something is wrong, not only slow.</summary>
    public bool IsBroken => Numbers.Any(static one => one.IsBroken && one.IsReached != true);
}
