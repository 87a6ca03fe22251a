using System.CommandLine;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Benchmarks.Reports;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>The subcommands that measure.</summary>
internal static class BenchmarkCommands
{
    public static IEnumerable<Command> CreateAll() =>
    [
        .. Benchmarks.All.Select(static benchmark => Create(benchmark.Name, benchmark.Description, [benchmark])),
        Create("all", "All of them, and idle, one after the other.", [.. Benchmarks.All.Where(static benchmark => benchmark.Name != "remote-ask"), IdleCommands.Benchmark]),
    ];

    private static Command Create(string name, string description, IReadOnlyList<Benchmark> benchmarks)
    {
        var command = new Command(name, description);
        var options = new SettingsOptions();
        options.AddTo(command, benchmarks.Any(static benchmark => benchmark.TakesInFlight));
        command.SetAction((parsed, cancellation) => RunAsync(benchmarks, options.Read(parsed), cancellation));
        return command;
    }

    /// <summary>Measures, prints each benchmark as it is done, and writes the file.</summary>
    /// <returns>1 when a contender broke; one that this machine cannot run does not count.</returns>
    private static async Task<int> RunAsync(IReadOnlyList<Benchmark> benchmarks, Settings settings, CancellationToken cancellation)
    {
        using Stream? json = settings.Json is { } file ? TryCreate(file) : null;
        if (settings.Json is not null && json is null)
        {
            return 1;
        }

        var machine = Machine.Read();
        var tables = new Tables();
        tables.Print(machine, settings);
        var measured = new List<(Benchmark Benchmark, IReadOnlyList<Section> Sections)>();
        foreach (Benchmark benchmark in benchmarks)
        {
            IReadOnlyList<Section> sections = benchmark.MeasureOnceAsync is { } measureAsync
                ? settings.Only is null ? await measureAsync(settings, cancellation) : []
                : await MeasureAsync(benchmark, settings, cancellation);
            if (sections.Count == 0)
            {
                continue;
            }

            measured.Add((benchmark, sections));
            foreach (Section section in sections)
            {
                tables.Print(section);
            }
        }

        if (measured.Count == 0)
        {
            Console.Error.WriteLine($"--only: no contender has '{settings.Only}' in its name.");
            return 1;
        }

        if (json is not null)
        {
            JsonReport.Write(json, machine, settings, measured);
        }

        return measured.SelectMany(static one => one.Sections).Any(static section => section.Failure is not null || section.Contenders.Any(static one => one.HasFailed)) ? 1 : 0;
    }

    /// <summary>Round by round.</summary>
    /// <returns>Nothing when no contender is wanted.</returns>
    private static async Task<IReadOnlyList<Section>> MeasureAsync(Benchmark benchmark, Settings settings, CancellationToken cancellation)
    {
        IReadOnlyList<Section> sections = benchmark.Sections(settings);
        sections = settings.HasGoals ? sections : [.. sections.Select(static section => section.WithoutGoals())];
        sections = [.. sections.Select(section => section.Of(settings.Wants)).Where(static section => section.Contenders.Count != 0)];
        if (sections.Count != 0)
        {
            await new Measurement(settings, settings.Rounds ?? benchmark.Rounds, Report).RunAsync([.. sections.SelectMany(static section => section.Contenders)], cancellation);
        }

        return sections;
    }

    // Before the rounds: a long run shall not be lost to a wrong name.
    private static FileStream? TryCreate(FileInfo file)
    {
        try
        {
            return file.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"--json: {exception.Message}");
            return null;
        }
    }

    private static void Report(string progress)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(progress);
        }
    }
}
