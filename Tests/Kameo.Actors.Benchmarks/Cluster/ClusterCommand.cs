using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Kameo.Actors.Benchmarks.Reports;
using Spectre.Console;

namespace Kameo.Actors.Benchmarks.Cluster;

/// <summary>The subcommand <c>cluster</c>.</summary>
internal static class ClusterCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web) { WriteIndented = true };
    private static readonly Option<int> s_nodes = Bounded("--nodes", "How many nodes, processes of this machine, 3 to 9", 5, 3, 9);
    private static readonly Option<int> s_rounds = Bounded("--rounds", "How often the cluster is started, a node killed, a node stopped, 1 to 1,000", 10, 1, 1_000);
    private static readonly Option<int> s_seconds = Bounded("--seconds", "How long all nodes are overloaded, 1 to 36,000", 60, 1, 36_000);
    private static readonly Option<FileInfo?> s_file = new("--json") { Description = "Writes every value to this file.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("cluster", "How soon nodes have one view, how soon the dead are out of it, whether load evicts the living, what idling costs.") { s_nodes, s_rounds, s_seconds, s_file };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using FileStream? file = parsed.GetValue(s_file)?.Create();
        var machine = Machine.Read();
        Console.WriteLine($"commit {machine.Commit}; {machine.Date.ToString("u", CultureInfo.InvariantCulture)}");
        Console.WriteLine($"{machine.Processor}, {machine.Cores} cores; {machine.System}; {machine.Runtime}");
        await using var run = new ClusterRun(parsed.GetValue(s_nodes), parsed.GetValue(s_rounds), TimeSpan.FromSeconds(parsed.GetValue(s_seconds)), Console.Error.WriteLine);
        IReadOnlyList<Sample> samples = await run.RunAsync(cancellation);
        Print(samples);
        if (file is not null)
        {
            await JsonSerializer.SerializeAsync(
                file,
                new
                {
                    machine.Commit,
                    machine.Date,
                    Machine = new { machine.Processor, machine.Cores, machine.System, machine.Runtime },
                    Nodes = parsed.GetValue(s_nodes),
                    Samples = samples.Select(static one => new { one.Name, one.Unit, one.P50, one.P99, one.Most, one.AtMost, one.Values }),
                },
                s_json,
                cancellation);
        }

        return 0;
    }

    private static void Print(IReadOnlyList<Sample> samples)
    {
        IAnsiConsole console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 160;
        }

        Table table = new Table { Border = Console.IsOutputRedirected ? TableBorder.Markdown : TableBorder.Rounded };
        table.AddColumns("what", "unit", "values", "p50", "p99", "most", "to reach");
        foreach (Sample sample in samples)
        {
            table.AddRow(
                Markup.Escape(sample.Name), sample.Unit, Text(sample.Values.Count), Text(sample.P50), Text(sample.P99), Text(sample.Most),
                sample.AtMost is { } most ? $"{Text(most)}: {(sample.P99 <= most ? "yes" : "no")}" : "");
        }

        console.Write(table);
    }

    private static string Text(double number) => number.ToString(number < 10 ? "0.##" : "#,0", CultureInfo.InvariantCulture);

    private static Option<int> Bounded(string name, string description, int standard, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{description}.", HelpName = "NUMBER", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError($"{name} must be {least} to {most}, not {value}.");
            }
        });
        return option;
    }
}
