using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Simulation.Actors;
using Kameo.Actors.Simulation.Checkers;

namespace Kameo.Actors.Simulation;

/// <summary>What became of a run.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Failure">The broken promise; null if none.</param>
/// <param name="Events">Events handled.</param>
/// <param name="Entries">Turns whose entry was checked.</param>
/// <param name="ConvergedAfter">How long after healing all was well.</param>
/// <param name="Ways">What went by direct ways.</param>
/// <param name="Runs">Calls that ran.</param>
internal sealed record RunResult(ulong Seed, Exception? Failure, long Events, long Entries, TimeSpan ConvergedAfter, DirectTraffic Ways, long Runs);

/// <summary>Runs seeds.</summary>
internal static class Explorer
{
    /// <summary>What replays begin with.</summary>
    public const string Command = "dotnet run -c Release --project Tests/Kameo.Actors.Simulation --";

    /// <summary>Runs one scenario.</summary>
    public static RunResult Run(Scenario scenario, Planted rules, TextWriter? trace)
    {
        World world = new(scenario, rules, trace);
        Exception? failure = null;
        try
        {
            world.Run();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            world.Trace.Write(world.Now, $"== {exception.Message}");
            failure = exception;
        }

        return new RunResult(scenario.Seed, failure, world.Handled, world.Checkers.Exclusion.Entries, new TimeSpan(world.Checkers.Convergence.Took), world.Ways, world.Checkers.Asks.Runs);
    }

    /// <summary>Runs many seeds on some threads and prints each failing one as the command that replays it.</summary>
    /// <returns>How many failed.</returns>
    public static int Explore(ulong first, ulong step, int count, int threads, bool stopsAtFirst, string arguments, Func<ulong, RunResult> run)
    {
        long events = 0;
        long entries = 0;
        long runs = 0;
        long sent = 0;
        long here = 0;
        long found = 0;
        long strays = 0;
        int failed = 0;
        int ran = 0;
        List<TimeSpan> converged = [];
        Dictionary<string, int> broken = [];
        Lock gate = new();
        Stopwatch watch = Stopwatch.StartNew();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, (index, state) =>
        {
            RunResult result = run(first + ((ulong)index * step));
            lock (gate)
            {
                ran++;
                events += result.Events;
                entries += result.Entries;
                runs += result.Runs;
                sent += result.Ways.Sent;
                here += result.Ways.Here;
                found += result.Ways.Found;
                strays += result.Ways.Strays;
                if (result.Failure is { } failure)
                {
                    failed++;
                    string promise = failure is ViolationException violation ? violation.Promise : failure.GetType().Name;
                    broken[promise] = broken.GetValueOrDefault(promise) + 1;
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"FAILED: {Summary(failure)}\n  replay: {Command} --seed {result.Seed}{arguments}"));
                    if (stopsAtFirst)
                    {
                        state.Stop();
                    }
                }
                else
                {
                    converged.Add(result.ConvergedAfter);
                }
            }
        });
        converged.Sort();
        TimeSpan median = converged.Count > 0 ? converged[converged.Count / 2] : default;
        TimeSpan most = converged.Count > 0 ? converged[^1] : default;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ran} seeds from {first}, {failed} failed; {events:N0} events, {entries:N0} entries checked; well again after {median.TotalSeconds:0.0} s (median), {most.TotalSeconds:0.0} s (most); {watch.Elapsed.TotalSeconds:0.0} s, {ran / watch.Elapsed.TotalSeconds:0} seeds/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs:N0} calls ran; by {found:N0} direct ways {sent:N0} were sent, {strays:N0} of them in vain, and {here:N0} stayed where they were made"));
        foreach ((string promise, int times) in broken.OrderByDescending(static one => one.Value))
        {
            Console.WriteLine($"  broken {times} times: {promise}");
        }

        return failed;
    }

    private static string Summary(Exception failure) => failure is ViolationException ? failure.Message : failure.ToString();
}
