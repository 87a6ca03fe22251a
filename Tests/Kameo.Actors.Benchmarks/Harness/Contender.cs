using System.Globalization;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>A row of a table: a stack, what it does, and the rounds that count.</summary>
internal sealed class Contender(string name, IStack stack, WorkKind kind, int inFlight)
{
    public string Name => name;

    /// <summary>The row's heading.</summary>
    public string Label => string.Create(CultureInfo.InvariantCulture, $"{name}, {inFlight:N0} in flight");

    public IStack Stack => stack;

    public WorkKind Kind => kind;

    public int InFlight => inFlight;

    public List<Round> Rounds { get; } = [];

    /// <summary>Why it has no (more) rounds.</summary>
    public string? Absence { get; set; }

    /// <summary>Whether it was to be measured and broke.</summary>
    public bool HasFailed { get; set; }

    /// <summary>One value over the rounds; NaN when the contender is absent.</summary>
    public Spread Over(Func<Round, double> value) => Spread.Of(Absence is null ? Rounds.Select(value) : []);
}
