using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Benchmarks.Reports;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>What idle connections take of a node: one that was dialled by many, and one that dialled as many, each in a process of its own. The many are in this one.</summary>
internal static class IdleCommands
{
    private const int ConnectionsStandard = 1000;

    /// <summary>The first fill pools that belong to the process; they do not count.</summary>
    private const int FirstConnections = 50;

    private const double BytesMax = 64 * 1024;

    /// <summary>A hundredth of a percent for each of a thousand: its pings, and its node's tick that looks at it ten times a second.</summary>
    private const double CpuPercentMax = 10;

    private const string AskFootprint = "footprint";
    private const string AskUsage = "usage";
    private const string AskDial = "dial";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>How long they are watched doing nothing.</summary>
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(10);

    /// <summary>As part of <c>all</c>.</summary>
    public static Benchmark Benchmark { get; } = new("idle", "What idle connections take, at each end.", 1, static _ => [])
    {
        TakesInFlight = false,
        MeasureOnceAsync = static async (settings, cancellation) => [await MeasureAsync(ConnectionsStandard, settings.Loop, cancellation)],
    };

    public static Command Create()
    {
        Option<int?> connections = SettingsOptions.Bounded("--connections", "How many", 10, 4000, ConnectionsStandard.ToString("#,0", CultureInfo.InvariantCulture));
        Option<TransportLoop> loop = SettingsOptions.CreateLoop();
        var command = new Command("idle", "Memory and CPU time that idle connections take, at each end.") { connections, loop };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(connections) ?? ConnectionsStandard, parsed.GetValue(loop), cancellation));
        return command;
    }

    public static Command CreateServe()
    {
        Option<TransportLoop> loop = SettingsOptions.CreateLoop();
        var command = new Command("idle-serve", "The process of a node that is measured.") { loop };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => ServeAsync(parsed.GetValue(loop), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(int count, TransportLoop loop, CancellationToken cancellation)
    {
        var tables = new Tables();
        tables.Print(Machine.Read());
        Section section = await MeasureAsync(count, loop, cancellation);
        tables.Print(section);
        return section.Failure is null ? 0 : 1;
    }

    private static async Task<Section> MeasureAsync(int count, TransportLoop loop, CancellationToken cancellation)
    {
        string title = string.Create(CultureInfo.InvariantCulture, $"A node's {count:#,0} idle connections, each used before; bytes for each, above {FirstConnections} that came first; loop {loop}");
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(s_patience);
        try
        {
            return new Section(title, [], await MeasureBothAsync(count, loop, bounded.Token));
        }
        catch (Exception exception) when (exception is IOException or TimeoutException || (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return new Section(title, [], []) { Failure = exception is OperationCanceledException ? $"not done within {s_patience.TotalSeconds:0} s" : exception.Message };
        }
    }

    private static async Task<IReadOnlyList<Finding>> MeasureBothAsync(int count, TransportLoop loop, CancellationToken cancellation)
    {
        await using ChildProcess dialled = StartNode(loop);
        await using ChildProcess dialling = StartNode(loop);
        int[] port = [await ReadPortAsync(dialled, cancellation)];
        await ReadPortAsync(dialling, cancellation);
        await using IdleNodes many = await IdleNodes.StartAsync(FirstConnections + count, loop, cancellation);
        Footprint[] first = await UseAsync(..FirstConnections);
        Footprint[] all = await UseAsync(FirstConnections..);
        Usage[] before = await BothAsync(ReadUsageAsync);
        var watch = Stopwatch.StartNew();
        await Task.Delay(s_watched, cancellation);
        double percent = watch.Elapsed.TotalMicroseconds / 100;
        Usage[] after = await BothAsync(ReadUsageAsync);
        return [.. Describe("dialled by others", 0), .. Describe("dialled by it", 1)];

        async Task<Footprint[]> UseAsync(Range range)
        {
            await many.DialAsync(range, port, cancellation);
            await dialling.AskAsync($"{AskDial} {string.Join(' ', many.Ports[range])}", s_patience, cancellation);
            return await BothAsync(ReadFootprintAsync);
        }

        async Task<T[]> BothAsync<T>(Func<ChildProcess, CancellationToken, Task<T>> read) => [await read(dialled, cancellation), await read(dialling, cancellation)];

        IEnumerable<Finding> Describe(string which, int end)
        {
            double added = all[end].Connections - first[end].Connections;
            return
            [
                new($"working set, {which}", () => (all[end].WorkingSetBytes - first[end].WorkingSetBytes) / added, Goal.AtMost(BytesMax)),
                new("- of it live on the managed heap", () => (all[end].ManagedBytes - first[end].ManagedBytes) / added),
                new("- rings and slabs held", () => all[end].RentedBytes / added, Goal.AtMost(0)),
                new("- CPU of all, percent of a core", () => (after[end] - before[end]).CpuMicroseconds / percent, Goal.AtMost(CpuPercentMax)),
            ];
        }
    }

    private static ChildProcess StartNode(TransportLoop loop) => ChildProcess.Start(ManagedStack.ThisProgram("idle-serve", "--loop", loop.ToString()), "A node");

    private static async Task<int> ReadPortAsync(ChildProcess node, CancellationToken cancellation) =>
        int.Parse(await node.ReadLineAsync(s_patience, cancellation), CultureInfo.InvariantCulture);

    private static async Task<Footprint> ReadFootprintAsync(ChildProcess node, CancellationToken cancellation) =>
        Footprint.Parse(await node.AskAsync(AskFootprint, s_patience, cancellation));

    private static async Task<Usage> ReadUsageAsync(ChildProcess node, CancellationToken cancellation) =>
        Usage.Read((await node.AskAsync(AskUsage, s_patience, cancellation)).Split(' '));

    private static async Task ServeAsync(TransportLoop loop, CancellationToken cancellation)
    {
        await using IdleNodes node = await IdleNodes.StartAsync(1, loop, cancellation);
        Console.WriteLine(node.Ports[0].ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync(cancellation) is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case AskDial:
                    await node.DialAsync(.., [.. words[1..].Select(static port => int.Parse(port, CultureInfo.InvariantCulture))], cancellation);
                    Console.WriteLine(AskDial);
                    break;
                case AskUsage:
                    Console.WriteLine(Usage.Current);
                    break;
                default:
                    await node.WaitUntilIdleAsync(cancellation);
                    Console.WriteLine(Footprint.Take(node.All).ToLine());
                    break;
            }
        }
    }
}
