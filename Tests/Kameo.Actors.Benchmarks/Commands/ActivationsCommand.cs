using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Kameo.Actors.Benchmarks.Contenders;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Benchmarks.Reports;
using Kameo.Actors.Transport;
using Spectre.Console;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>How fast actors are activated, and what an idle one takes. In this process, without the rounds of other benchmarks: each makes as many as it is told.</summary>
internal static class ActivationsCommand
{
    private const int Callers = 64;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "How many actors a round activates, 1,000 to 10,000,000.", DefaultValueFactory = static _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds that count, after one that does not, 1 to 100.", DefaultValueFactory = static _ => 3 };
        var json = new Option<FileInfo?>("--json") { Description = "Writes every round to this file.", HelpName = "FILE" };
        count.Validators.Add(static result => Check(result.GetValueOrDefault<int>() is >= 1000 and <= 10_000_000, result, "--count must be 1,000 to 10,000,000."));
        rounds.Validators.Add(static result => Check(result.GetValueOrDefault<int>() is >= 1 and <= 100, result, "--rounds must be 1 to 100."));
        var command = new Command("activations", "Activates actors with integer keys: how many a second, and bytes of an idle one.") { count, rounds, json };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(count), parsed.GetValue(rounds), parsed.GetValue(json)));
        return command;

        static void Check(bool holds, System.CommandLine.Parsing.SymbolResult result, string error)
        {
            if (!holds)
            {
                result.AddError(error);
            }
        }
    }

    private static async Task<int> RunAsync(int count, int rounds, FileInfo? json)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Console.Profile.Width = 200;
        }

        var machine = Machine.Read();
        AnsiConsole.Console.WriteLine($"commit {machine.Commit}; {machine.Processor}, {machine.Cores} cores; {machine.Runtime}; {count.ToString("N0", CultureInfo.InvariantCulture)} each round");
        List<Made> actors = [];
        List<Made> ended = [];
        List<Made> objects = [];
        for (int round = 0; round <= rounds; round++)
        {
            (Made made, Made end) = await ActivateAsync(round == 0 ? Math.Min(count, 100_000) : count);
            Made peer = MakeObjects(count);
            if (round > 0)
            {
                actors.Add(made);
                ended.Add(end);
                objects.Add(peer);
            }
        }

        Table table = new Table().Border(Console.IsOutputRedirected ? TableBorder.Markdown : TableBorder.Rounded)
            .AddColumns("what", "median/s", "least", "most", "a second of CPU", "CPU ns", "least", "GC ns", "bytes made", "bytes kept");
        Add(table, "actor, activated by its first ask", actors);
        Add(table, "actor, deactivated as its node stops", ended);
        Add(table, "empty object in a ConcurrentDictionary", objects);
        table.Columns[0].NoWrap();
        AnsiConsole.Console.Write(table);
        if (json is not null)
        {
            await using FileStream file = json.Create();
            await JsonSerializer.SerializeAsync(file, new { machine.Commit, machine.Date, Count = count, Actors = actors, Ended = ended, Objects = objects }, s_json);
        }

        return 0;
    }

    private static void Add(Table table, string name, List<Made> rounds)
    {
        Spread rate = Spread.Of(rounds.Select(static round => round.Count / round.Seconds));
        Spread cpu = Spread.Of(rounds.Select(static round => round.CpuNanoseconds));
        double collecting = Spread.Of(rounds.Select(static round => round.CollectingNanoseconds)).Median;
        double bytesMade = Spread.Of(rounds.Select(static round => round.BytesMade)).Median;
        double bytesKept = Spread.Of(rounds.Select(static round => round.BytesKept)).Median;
        table.AddRow(name, Text(rate.Median), Text(rate.Least), Text(rate.Most), Text(1e9 / cpu.Median), Text(cpu.Median), Text(cpu.Least), Text(collecting), Text(bytesMade), Text(bytesKept));

        static string Text(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
    }

    private static async Task<(Made Activated, Made Ended)> ActivateAsync(int count)
    {
        await using ActorNode node = await ActorNode.StartAsync(new ActorNodeOptions { Trust = TrustPolicy.Peers([]), Listen = new IPEndPoint(IPAddress.Loopback, 0) });
        await ActivateAsync(node, 0, Callers); // What is made once.
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int share = count / Callers;
        var watch = Watch.Start();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => ActivateAsync(node, Callers + (caller * share), share))));
        Made activated = watch.Stop(share * Callers);
        long made = node.ActivationCount - Callers;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        if (made != share * Callers)
        {
            throw new InvalidOperationException($"{made} actors were activated.");
        }

        watch = Watch.Start();
        await node.StopAsync();
        return (activated with { BytesKept = (double)kept / made }, watch.Stop(share * Callers));
    }

    private static async Task ActivateAsync(ActorNode node, int first, int count)
    {
        for (int key = first; key < first + count; key++)
        {
            await node.Get<IIdle>(key).Touch().ConfigureAwait(false);
        }
    }

    private static Made MakeObjects(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Watch.Start();
        var made = new ConcurrentDictionary<long, object>();
        for (int key = 0; key < count; key++)
        {
            made.GetOrAdd(key, static _ => new object());
        }

        Made done = watch.Stop(count);
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        return done with { BytesKept = (double)kept / made.Count };
    }

    private readonly record struct Watch(long Begun, Usage Used, TimeSpan Collected, long Allocated)
    {
        public static Watch Start() => new(Stopwatch.GetTimestamp(), Usage.Current, GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());

        public Made Stop(int count)
        {
            double seconds = Stopwatch.GetElapsedTime(Begun).TotalSeconds;
            Usage used = Usage.Current - Used;
            double collecting = (GC.GetTotalPauseDuration() - Collected).TotalNanoseconds / count;
            return new Made(count, seconds, used.CpuMicroseconds * 1000 / count, collecting, (double)(GC.GetTotalAllocatedBytes() - Allocated) / count, 0);
        }
    }

    private sealed record Made(long Count, double Seconds, double CpuNanoseconds, double CollectingNanoseconds, double BytesMade, double BytesKept);
}
