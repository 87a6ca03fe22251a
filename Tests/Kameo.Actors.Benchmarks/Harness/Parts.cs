using System.Diagnostics;
using System.Globalization;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>What the two processes of a stack in C# do: answer control lines until their standard input ends.</summary>
internal static class Parts
{
    /// <summary>The server: says its port; each line is answered with "CPU BYTES RECEIVED".</summary>
    public static Task ServeAsync(IServerPart server) => OnOwnThreadAsync(() =>
    {
        Console.Out.WriteLine(server.Port.ToString(CultureInfo.InvariantCulture));
        while (Console.In.ReadLine() is not null)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Usage.Current} {server.Received}"));
        }
    });

    /// <summary>The client: says that it is connected; each line is a round to run.</summary>
    public static Task CallAsync(IClientPart client) => OnOwnThreadAsync(() =>
    {
        var latencies = new Latencies();
        Console.Out.WriteLine("connected");
        while (Console.In.ReadLine() is { } line)
        {
            Console.Out.WriteLine(Run(client, Work.Read(line), latencies));
        }
    });

    private static string Run(IClientPart client, Work work, Latencies latencies)
    {
        latencies.Reset(work.IsTimed);
        Usage before = Usage.Current;
        long start = Stopwatch.GetTimestamp();
        long messages = client.RunAsync(work, latencies).GetAwaiter().GetResult();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Usage used = Usage.Current - before;
        latencies.Sort();
        return Round.ToLine(used, messages, seconds, latencies);
    }

    // Reading the console blocks, even when awaited: on a pool thread it would take one of two away from what is measured.
    private static Task OnOwnThreadAsync(Action loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
