namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>Contenders that are measured together and stand in one table.</summary>
/// <param name="Title">Above the table.</param>
/// <param name="Contenders">The rows.</param>
/// <param name="Findings">The lines below it.</param>
internal sealed record Section(string Title, IReadOnlyList<Contender> Contenders, IReadOnlyList<Finding> Findings)
{
    /// <summary>Why there are no findings, for one without contenders that broke.</summary>
    public string? Failure { get; init; }

    /// <summary>With some of its contenders; then nothing is read off, which takes all of them.</summary>
    public Section Of(Func<Contender, bool> wants)
    {
        Contender[] wanted = [.. Contenders.Where(wants)];
        return wanted.Length == Contenders.Count ? this : this with { Contenders = wanted, Findings = [] };
    }

    public Section WithoutGoals() => this with { Findings = [.. Findings.Select(static finding => finding with { Goal = null })] };
}

/// <summary>A value that is read off a table, a ratio to a named baseline above all, and what it should reach.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value once the rounds are done; NaN when a contender is absent.</param>
/// <param name="Goal">What it should be; null when it only informs.</param>
internal sealed record Finding(string Name, Func<double> Value, Goal? Goal = null)
{
    /// <summary>Messages a second of one by those of the best of others.</summary>
    public static Finding Rate(string name, Contender of, Goal? goal, params Contender[] to) =>
        new(name, () => Median(of, static round => round.MessagesPerSecond) / to.Max(static one => Median(one, static round => round.MessagesPerSecond)), goal);

    /// <summary>Median latency of one by that of another.</summary>
    public static Finding Latency(string name, Contender of, Contender to, Goal? goal = null) =>
        new(name, () => Median(of, static round => round.P50Microseconds) / Median(to, static round => round.P50Microseconds), goal);

    /// <summary>Whether it reaches its goal; null when it has none or was not measured.</summary>
    public bool? IsReached => Goal is { } goal && Value() is var value && !double.IsNaN(value) ? goal.IsMetBy(value) : null;

    /// <summary>The median of a value over a contender's rounds.</summary>
    public static double Median(Contender contender, Func<Round, double> value) => contender.Over(value).Median;
}

/// <summary>A bound to reach.</summary>
internal sealed record Goal(double Bound, bool IsLeast)
{
    public static Goal AtLeast(double bound) => new(bound, IsLeast: true);

    public static Goal AtMost(double bound) => new(bound, IsLeast: false);

    public bool IsMetBy(double value) => IsLeast ? value >= Bound : value <= Bound;
}
