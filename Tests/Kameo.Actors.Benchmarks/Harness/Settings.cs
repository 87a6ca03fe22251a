using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>What the command line asked for.</summary>
/// <param name="InFlight">How many callers; null: the benchmark's own number.</param>
/// <param name="SizeBytes">Payload of a message.</param>
/// <param name="Duration">How long a round takes.</param>
/// <param name="Rounds">Rounds that count; null: the benchmark's own number.</param>
/// <param name="Loop">How our nodes read their sockets.</param>
/// <param name="Only">Only contenders whose name has this in it; null: all.</param>
/// <param name="Json">Where every round is written; null: nowhere.</param>
internal sealed record Settings(int? InFlight, int SizeBytes, TimeSpan Duration, int? Rounds, TransportLoop Loop, string? Only, FileInfo? Json)
{
    /// <summary>Whether goals mean something: they were set for the default load and 64 bytes.</summary>
    public bool HasGoals => InFlight is null && SizeBytes == 64;

    /// <summary>Whether a contender is to be measured.</summary>
    public bool Wants(Contender contender) => Only is null || contender.Label.Contains(Only, StringComparison.OrdinalIgnoreCase);
}
