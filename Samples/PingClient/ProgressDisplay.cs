using Spectre.Console;

namespace Samples.PingPong;

/// <summary>Shows how far a run is: a bar on a terminal, a line now and then elsewhere, nothing beside JSON.</summary>
internal static class ProgressDisplay
{
    private static readonly TimeSpan s_barPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_linePeriod = TimeSpan.FromSeconds(1);

    /// <summary>Shows it until the work is done.</summary>
    public static Task ShowAsync(Task work, PingRun run, PingClientSettings settings) =>
        settings.Json ? work
        : Console.IsOutputRedirected ? ShowLinesAsync(work, run, settings.Count)
        : AnsiConsole.Progress().StartAsync(async progress =>
        {
            ProgressTask bar = progress.AddTask("pings", maxValue: settings.Count);
            await EachAsync(work, s_barPeriod, () => bar.Value = run.Done);
        });

    private static Task ShowLinesAsync(Task work, PingRun run, int count) =>
        EachAsync(work, s_linePeriod, () =>
        {
            if (!work.IsCompleted)
            {
                Console.Out.WriteLine($"{run.Done} of {count} pings");
            }
        });

    private static async Task EachAsync(Task work, TimeSpan period, Action show)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(period));
            show();
        }

        await work;
    }
}
