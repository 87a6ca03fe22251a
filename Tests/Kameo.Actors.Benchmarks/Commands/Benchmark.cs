using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>What a subcommand measures.</summary>
/// <param name="Name">The subcommand.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Rounds">Rounds that count unless the command line says otherwise.</param>
/// <param name="Sections">Its tables, all measured together, interleaved round by round.</param>
internal sealed record Benchmark(string Name, string Description, int Rounds, Func<Settings, IReadOnlyList<Section>> Sections)
{
    /// <summary>Whether the command line may say how many callers there are.</summary>
    public bool TakesInFlight { get; init; } = true;

    /// <summary>Measures what has no contenders and no rounds, and gives its sections; null: contenders are measured round by round.</summary>
    public Func<Settings, CancellationToken, Task<IReadOnlyList<Section>>>? MeasureOnceAsync { get; init; }
}
