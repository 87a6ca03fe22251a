using System.Text.Json;
using Kameo.Actors.Benchmarks.Commands;
using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Reports;

/// <summary>Every round in one JSON file, so that others can compute from them again.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static void Write(Stream stream, Machine machine, Settings settings, IEnumerable<(Benchmark Benchmark, IReadOnlyList<Section> Sections)> measured)
    {
        var report = new
        {
            machine.Commit,
            machine.Date,
            Machine = new { machine.Processor, machine.Cores, machine.System, machine.Runtime },
            Settings = new { settings.SizeBytes, RoundSeconds = settings.Duration.TotalSeconds, Loop = settings.Loop.ToString() },
            Benchmarks = measured.Select(static one => new
            {
                one.Benchmark.Name,
                Sections = one.Sections.Select(static section => new
                {
                    section.Title,
                    section.Failure,
                    Contenders = section.Contenders.Select(Describe),
                    Findings = section.Findings.Select(static finding => new
                    {
                        finding.Name,
                        Value = NumberOrNull(finding.Value()),
                        AtLeast = finding.Goal is { IsLeast: true } least ? least.Bound : (double?)null,
                        AtMost = finding.Goal is { IsLeast: false } most ? most.Bound : (double?)null,
                        finding.IsReached,
                    }),
                }),
            }),
        };
        JsonSerializer.Serialize(stream, report, s_options);
    }

    private static object Describe(Contender contender) => new
    {
        contender.Name,
        Stack = contender.Stack.Name,
        Kind = contender.Kind.ToString(),
        contender.InFlight,
        contender.Absence,
        Rounds = contender.Rounds.Select(round => new
        {
            round.Messages,
            round.Seconds,
            round.MessagesPerSecond,
            ClientCpuMicroseconds = round.Client.CpuMicroseconds,
            ServerCpuMicroseconds = round.Server.CpuMicroseconds,
            round.CpuMicrosecondsPerMessage,
            ClientBytesPerMessage = contender.Stack.IsManaged ? round.ClientBytesPerMessage : (double?)null,
            ServerBytesPerMessage = contender.Stack.IsManaged ? round.ServerBytesPerMessage : (double?)null,
            round.WorkingSetBytes,
            P50Microseconds = round.P50Microseconds > 0 ? round.P50Microseconds : (double?)null,
            P99Microseconds = round.P99Microseconds > 0 ? round.P99Microseconds : (double?)null,
        }),
    };

    // JSON knows no NaN: what was not measured is null.
    private static double? NumberOrNull(double value) => double.IsFinite(value) ? value : null;
}
