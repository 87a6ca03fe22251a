using System.Globalization;
using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Samples.Bank.Show;

/// <summary>A picture that is drawn again and again in its place on a terminal.</summary>
/// <param name="console">The terminal.</param>
internal sealed class TerminalDisplay(IAnsiConsole console) : IDisplay
{
    private const int EventsShown = 10;
    private const int MapRowsMax = 8;
    private const int MapColumns = 60;
    private const string Bars = "▁▂▃▄▅▆▇█";

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);
    private static readonly string[] s_colors = ["deepskyblue1", "orange1", "mediumpurple1"];

    /// <inheritdoc/>
    public async Task ShowAsync(Task work, Func<Scene> look, Story story)
    {
        await console.Live(new Text(string.Empty)).StartAsync(async live =>
        {
            while (!work.IsCompleted)
            {
                live.UpdateTarget(Draw(look(), story));
                await Task.WhenAny(work, Task.Delay(s_period));
            }

            live.UpdateTarget(Draw(look(), story));
        });
        await work;
    }

    private static Rows Draw(Scene scene, Story story) => new(
        new Markup(Text($"[bold]Bank[/]  {scene.At.TotalSeconds:0.0} s  {scene.Phase}  [grey]view {scene.Epoch}[/]")),
        Nodes(scene),
        Map(scene),
        new Markup(Text($"transfers  [bold]{scene.Done}[/] done  {(scene.Rates.Count == 0 ? 0 : scene.Rates[^1]),5:0}/s  [green]{Spark(scene.Rates)}[/]")),
        new Markup(Text($"           {scene.InFlight} in flight, {(scene.Held == 0 ? "0" : $"[yellow]{scene.Held}[/]")} held, {scene.Retried} failed and retried, {scene.TooPoor} with too little money")),
        new Markup(Text($"ledger     {scene.Balances} + {scene.InTransit} in transit = {Sum(scene)}, {scene.Takeovers} accounts taken over")),
        Events(story));

    private static string Sum(Scene scene)
    {
        long sum = scene.Balances + scene.InTransit;
        return Text($"[bold {(sum == scene.Expected ? "green" : "red")}]{sum}[/] of {scene.Expected}");
    }

    private static Table Nodes(Scene scene)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("node", "state", "accounts", string.Empty, "resumed", "writes refused");
        for (int index = 0; index < scene.Nodes.Count; index++)
        {
            NodeScene node = scene.Nodes[index];
            string color = s_colors[index % s_colors.Length];
            int width = scene.Owners.Count == 0 ? 0 : Math.Min(30, node.Accounts * 30 / scene.Owners.Count);
            table.AddRow(
                $"[{color}]{node.Name}[/]",
                node.State switch { "up" => "[green]up[/]", "killed" or "gone" => $"[red]{node.State}[/]", _ => $"[yellow]{node.State}[/]" },
                Text($"{node.Accounts,6}"),
                $"[{color}]{new string('█', width),-30}[/]",
                Text($"{node.Resumed,6}"),
                Text($"{node.Refused,6}"));
        }

        return table;
    }

    /// <summary>A letter for each account, where it answered last.</summary>
    private static Markup Map(Scene scene)
    {
        var text = new StringBuilder();
        int shown = Math.Min(scene.Owners.Count, MapRowsMax * MapColumns);
        for (int first = 0; first < shown; first += MapColumns)
        {
            text.Append(first == 0 ? "accounts   " : "\n           ");
            foreach (string? owner in scene.Owners.Skip(first).Take(Math.Min(MapColumns, shown - first)))
            {
                int index = owner is null ? -1 : scene.Nodes.ToList().FindIndex(node => node.Name == owner);
                text.Append(index < 0 ? "[grey].[/]" : scene.Nodes[index].State is "killed" or "gone" ? "[red]x[/]" : $"[{s_colors[index % s_colors.Length]}]{owner}[/]");
            }
        }

        return new Markup(text.ToString());
    }

    private static string Spark(IReadOnlyList<double> rates)
    {
        double most = Math.Max(1, 2 * rates.Order().ElementAtOrDefault(rates.Count / 2)); // Twice the usual: what was held all comes at once.
        return string.Concat(rates.Select(rate => Bars[(int)Math.Min(Bars.Length - 1, rate / most * Bars.Length)]));
    }

    private static Renderable Events(Story story)
    {
        var text = new StringBuilder();
        foreach ((TimeSpan at, string what) in story.Last(EventsShown))
        {
            text.Append(text.Length == 0 ? string.Empty : "\n").Append(CultureInfo.InvariantCulture, $"{at.TotalSeconds,5:0.0} s  {Markup.Escape(what)}");
        }

        return new Panel(new Markup(text.ToString())).Header("events").Border(BoxBorder.Rounded).Expand();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
