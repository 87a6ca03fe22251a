using System.Globalization;
using Kameo.Actors.Benchmarks.Harness;
using Spectre.Console;

namespace Kameo.Actors.Benchmarks.Reports;

/// <summary>Prints what was measured; as Markdown when the output is not a terminal.</summary>
internal sealed class Tables
{
    /// <summary>Wide enough that nothing is folded in a file.</summary>
    private const int FileWidth = 200;

    private readonly IAnsiConsole _console = AnsiConsole.Console;

    public Tables()
    {
        if (Console.IsOutputRedirected)
        {
            _console.Profile.Width = FileWidth;
        }
    }

    public void Print(Machine machine)
    {
        _console.WriteLine($"commit {machine.Commit}; {machine.Date.ToString("u", CultureInfo.InvariantCulture)}");
        _console.WriteLine($"{machine.Processor}, {machine.Cores} cores; {machine.System}; {machine.Runtime}");
    }

    public void Print(Machine machine, Settings settings)
    {
        Print(machine);
        _console.WriteLine(FormattableString.Invariant(
            $"rounds of {settings.Duration.TotalSeconds:0.##} s after one that does not count, interleaved; {settings.SizeBytes} bytes; loop {settings.Loop}"));
    }

    public void Print(Section section)
    {
        if (section.Contenders.Count == 0)
        {
            _console.WriteLine();
            _console.WriteLine(section.Failure is { } failure ? $"{section.Title}: failed, {failure}" : section.Title);
            Print(section.Findings, "what");
            return;
        }

        bool isTimed = section.Contenders.Any(static one => one.Over(static round => round.P50Microseconds).Median > 0);
        Table table = NewTable("what", "median/s", "least", "most", "CPU us", "client B", "server B");
        if (isTimed)
        {
            table.AddColumns("p50 us", "least", "most", "p99 us");
        }

        foreach (Contender contender in section.Contenders)
        {
            table.AddRow([.. Row(contender, isTimed).Select(Markup.Escape)]);
        }

        AlignNumbers(table);
        _console.WriteLine();
        _console.WriteLine(section.Title);
        _console.Write(table);
        if (section.Findings.Count > 0)
        {
            Print(section.Findings, "of the medians");
        }
    }

    private static IEnumerable<string> Row(Contender contender, bool isTimed)
    {
        if (contender.Absence is { } absence)
        {
            return [$"{contender.Label}: {(contender.HasFailed ? "failed" : "absent")}, {absence}"];
        }

        Spread rate = contender.Over(static round => round.MessagesPerSecond);
        Spread latency = contender.Over(static round => round.P50Microseconds);
        string[] row =
        [
            contender.Label,
            Text(rate.Median, "N0"),
            Text(rate.Least, "N0"),
            Text(rate.Most, "N0"),
            Text(Finding.Median(contender, static round => round.CpuMicrosecondsPerMessage), "N3"),
            contender.Stack.IsManaged ? Text(Finding.Median(contender, static round => round.ClientBytesPerMessage), "N1") : "-",
            contender.Stack.IsManaged ? Text(Finding.Median(contender, static round => round.ServerBytesPerMessage), "N1") : "-",
        ];
        return isTimed
            ? [.. row, Text(latency.Median, "N1"), Text(latency.Least, "N1"), Text(latency.Most, "N1"), Text(Finding.Median(contender, static round => round.P99Microseconds), "N1")]
            : row;
    }

    private void Print(IReadOnlyList<Finding> findings, string heading)
    {
        Table table = NewTable(heading, "is", "to reach", "reached");
        foreach (Finding finding in findings)
        {
            double value = finding.Value();
            table.AddRow(
                Markup.Escape(finding.Name),
                double.IsNaN(value) ? "-" : Text(value, value switch { >= 1000 => "N0", >= 10 => "N2", _ => "N3" }),
                finding.Goal is { } goal ? $"at {(goal.IsLeast ? "least" : "most")} {Text(goal.Bound, "#,0.##")}" : string.Empty,
                finding.IsReached switch { true => "yes", false => "no", null => string.Empty });
        }

        AlignNumbers(table);
        _console.WriteLine();
        _console.Write(table);
    }

    private static Table NewTable(params string[] columns) =>
        new Table().Border(Console.IsOutputRedirected ? TableBorder.Markdown : TableBorder.Rounded).AddColumns(columns);

    private static void AlignNumbers(Table table)
    {
        foreach (TableColumn column in table.Columns.Skip(1))
        {
            column.RightAligned();
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
