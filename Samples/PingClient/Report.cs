using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace Samples.PingPong;

/// <summary>What a run came to, for people or as JSON.</summary>
/// <param name="run">The run.</param>
/// <param name="server">The server.</param>
internal sealed class Report(PingRun run, FoundServer server)
{
    private const int BarWidth = 40;

    /// <summary>Prints it for people.</summary>
    public void Print()
    {
        Table table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(string.Empty).AddColumn(string.Empty);
        void Row(string name, string value) => table.AddRow(name, Markup.Escape(value));
        Row("server", $"{server.Id}");
        Row("found by", server.FoundBy == "mdns" ? $"mDNS in {Text(server.Finding)}" : "address");
        Row("connected in", Text(server.Connecting));
        Row("pings", $"{run.Latencies.Count} answered, {run.Lost} lost");
        Row("server's count", run.ServerCount.ToString(CultureInfo.InvariantCulture));
        Row("total", Text(run.Total));
        Row("mean", Text(run.Latencies.Mean));
        Row("p50", Text(run.Latencies.Percentile(0.5)));
        Row("p90", Text(run.Latencies.Percentile(0.9)));
        Row("p99", Text(run.Latencies.Percentile(0.99)));
        Row("max", Text(run.Latencies.Max));
        AnsiConsole.Write(table);
        PrintHistogram();
    }

    /// <summary>Prints it as one JSON object.</summary>
    public void PrintJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("pings", run.Latencies.Count);
            json.WriteNumber("lost", run.Lost);
            json.WriteNumber("total_ms", Milliseconds(run.Total));
            json.WriteNumber("mean_us", Microseconds(run.Latencies.Mean));
            json.WriteNumber("p50_us", Microseconds(run.Latencies.Percentile(0.5)));
            json.WriteNumber("p90_us", Microseconds(run.Latencies.Percentile(0.9)));
            json.WriteNumber("p99_us", Microseconds(run.Latencies.Percentile(0.99)));
            json.WriteNumber("max_us", Microseconds(run.Latencies.Max));
            json.WriteNumber("server_count", run.ServerCount);
            json.WriteString("server_id", server.Id.ToString());
            json.WriteString("found_by", server.FoundBy);
            json.WriteNumber("find_ms", Milliseconds(server.Finding));
            json.WriteNumber("connect_ms", Milliseconds(server.Connecting));
            json.WriteEndObject();
        }

        Console.Out.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static double Milliseconds(TimeSpan span) => Math.Round(span.TotalMilliseconds, 3);

    private static double Microseconds(TimeSpan span) => Math.Round(span.TotalMicroseconds, 1);

    private static string Text(TimeSpan span) => span.TotalMilliseconds switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMicroseconds:0.#} us"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.##} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.##} s"),
    };

    private void PrintHistogram()
    {
        IReadOnlyList<(TimeSpan UpTo, long Count)> rows = run.Latencies.Coarse();
        long most = rows.Count == 0 ? 1 : rows.Max(static row => row.Count);
        foreach ((TimeSpan upTo, long count) in rows)
        {
            int width = (int)Math.Ceiling(BarWidth * (double)count / most);
            Console.Out.WriteLine($"  up to {Text(upTo),9}  {new string('#', width).PadRight(BarWidth)}  {count}");
        }
    }
}
