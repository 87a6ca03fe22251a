using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kameo.Actors.Benchmarks.Commands;
using Kameo.Actors.Benchmarks.Reports;
using Spectre.Console;

namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>The subcommand <c>handoff</c>.</summary>
internal static class HandoffCommand
{
    private const int Width = 200;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly Option<int?> s_actors = SettingsOptions.Bounded("--actors", "How many actors", 1_000, 5_000_000, "1,000,000");
    private static readonly Option<int?> s_callers = SettingsOptions.Bounded("--in-flight", "How many callers, one ask each at a time", 1, 1_000, "256");
    private static readonly Option<double?> s_seconds = SettingsOptions.Bounded("--seconds", "How long asks are measured before, and after", 1.0, 600, "10");
    private static readonly Option<int?> s_seed = SettingsOptions.Bounded("--seed", "What the callers' choices follow from", 0, int.MaxValue, "1");
    private static readonly Option<FileInfo?> s_file = new("--json") { Description = "Writes everything to this file.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("handoff", "Members as processes, under asks: a third joins two that have all actors, then one is killed. Failed asks, lost and double turns, latency, memory.")
        {
            s_actors, s_callers, s_seconds, s_seed, s_file,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using FileStream? file = parsed.GetValue(s_file)?.Create();
        var plan = new HandoffPlan(parsed.GetValue(s_actors) ?? 1_000_000, parsed.GetValue(s_callers) ?? 256, TimeSpan.FromSeconds(parsed.GetValue(s_seconds) ?? 10), parsed.GetValue(s_seed) ?? 1);
        var machine = Machine.Read();
        Console.WriteLine($"commit {machine.Commit}; {machine.Date.ToString("u", CultureInfo.InvariantCulture)}");
        Console.WriteLine($"{machine.Processor}, {machine.Cores} cores; {machine.System}; {machine.Runtime}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Actors:#,0} actors, {plan.Callers:#,0} callers, seed {plan.Seed}"));
        HandoffFindings findings;
        await using (var run = new HandoffRun(plan, Console.Error.WriteLine))
        {
            try
            {
                findings = await run.RunAsync(cancellation);
            }
            catch (Exception exception) when (exception is OperationCanceledException or TimeoutException or ActorCallException)
            {
                Console.Error.WriteLine($"It did not come to its end: {exception.Message}");
                return 1;
            }
        }

        Print(findings);
        if (file is not null)
        {
            await JsonSerializer.SerializeAsync(
                file,
                new { machine.Commit, machine.Date, Machine = new { machine.Processor, machine.Cores, machine.System, machine.Runtime }, plan.Actors, plan.Callers, plan.Seed, Findings = findings },
                s_json,
                cancellation);
        }

        return findings.IsBroken ? 1 : 0;
    }

    private static void Print(HandoffFindings findings)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = Width;
        }

        Table numbers = NewTable("what", "unit", "is", "to reach", "reached");
        foreach (HandoffFinding one in findings.Numbers)
        {
            numbers.AddRow(Markup.Escape(one.Name), one.Unit, Text(one.Value), one.AtMost is { } most ? $"at most {Text(most)}" : "", one.IsReached switch { true => "yes", false => "no", null => "" });
        }

        Table asks = NewTable("asks", "seconds", "answered", "a second", "p50 ms", "p99 ms", "most ms", "failed");
        foreach (HandoffPhase one in findings.Phases)
        {
            asks.AddRow(one.Name, Text(one.Seconds), Text(one.Answered), Text(one.Answered / one.Seconds), Text(one.P50), Text(one.P99), Text(one.Most), Markup.Escape(Text(one.Failures)));
        }

        Table members = NewTable("when", "member", "actors", "turns", "working set MiB", "managed heap MiB", "CPU s", "GC pauses ms", "full GCs");
        foreach (HandoffFootprint one in findings.Members)
        {
            members.AddRow(
                one.When, one.Member, Text(one.Activations), Text(one.Turns), Text(one.WorkingSet >> 20), Text(one.Heap >> 20), Text(one.ProcessorSeconds), Text(one.PauseMilliseconds), Text(one.FullCollections));
        }

        console.Write(numbers);
        console.Write(asks);
        console.Write(members);
        foreach (string violation in findings.Violations)
        {
            console.WriteLine(violation);
        }
    }

    private static Table NewTable(params string[] columns)
    {
        Table table = new Table { Border = Console.IsOutputRedirected ? TableBorder.Markdown : TableBorder.Rounded }.AddColumns(columns);
        table.Columns[0].NoWrap();
        return table;
    }

    private static string Text(IReadOnlyDictionary<string, int> failures) =>
        failures.Count == 0 ? "0" : string.Join(", ", failures.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(static one => $"{Text(one.Value)} {one.Key}"));

    private static string Text(double number) => number.ToString(number < 10 ? "0.##" : "#,0", CultureInfo.InvariantCulture);
}
