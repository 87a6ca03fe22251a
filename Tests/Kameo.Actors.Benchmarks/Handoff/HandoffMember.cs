using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>
/// The hidden subcommand by which the program starts a member with actors. It says as lines of JSON when it listens; which epoch its slots have, how many members of that view are up, whether slots are awaited, and which epoch is settled, whenever that changes;
/// and answers each line that it reads with what it has done and takes so far. It ends with its standard input.
/// </summary>
internal static class HandoffMember
{
    public const string Name = "handoff-member";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_lookAtSettled = TimeSpan.FromMilliseconds(20);
    private static readonly SleepClock s_clock = new(TimeProvider.System);
    private static readonly Lock s_writing = new();

    public static Command Create()
    {
        var seeds = new Option<string[]>("--seed") { DefaultValueFactory = static _ => [] };
        var secret = new Option<string>("--secret") { Required = true };
        var command = new Command(Name, "A member.") { seeds, secret };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(seeds)!, parsed.GetValue(secret)!));
        return command;
    }

    /// <summary>A node of the cluster that these processes are.</summary>
    public static ActorNodeOptions Options(string secret, IEnumerable<string> seeds, bool isClient)
    {
        var options = new ActorNodeOptions
        {
            Trust = TrustPolicy.Secret(secret, Name),
            ClusterName = Name,
            Listen = isClient ? null : new IPEndPoint(IPAddress.Loopback, 0),
            IsClient = isClient,
        };
        foreach (string seed in seeds)
        {
            options.Seeds.Add(seed);
        }

        return options;
    }

    private static async Task RunAsync(string[] seeds, string secret)
    {
        await using ActorNode node = await ActorNode.StartAsync(Options(secret, seeds, isClient: false));
        Write("ready", new JsonObject { ["id"] = node.Id.ToString(), ["port"] = node.Transport.LocalEndPoint!.Port, ["process"] = Environment.ProcessId });
        new Thread(() => Watch(node)) { IsBackground = true, Name = "watch", Priority = ThreadPriority.AboveNormal }.Start();
        while (await Console.In.ReadLineAsync() is not null)
        {
            Report(node);
        }
    }

    private static void Report(ActorNode node)
    {
        using Process own = Process.GetCurrentProcess();
        Write("report", new JsonObject
        {
            ["turns"] = TurnCounterActor.Turns,
            ["activations"] = node.ActivationCount,
            ["workingSet"] = own.WorkingSet64,
            ["heap"] = GC.GetTotalMemory(forceFullCollection: false),
            ["processorMilliseconds"] = own.TotalProcessorTime.TotalMilliseconds,
            ["pauseMilliseconds"] = GC.GetTotalPauseDuration().TotalMilliseconds,
            ["fullCollections"] = GC.CollectionCount(GC.MaxGeneration),
            ["slots"] = node.Slots!.ToString(),
        });
    }

    private static void Watch(ActorNode node)
    {
        using var pause = new ManualResetEventSlim(); // Never set: a thread of its own that rests.
        (long Epoch, int Up, bool IsAwaiting) told = default;
        long toldSettled = 0;
        long lookedAtSettled = 0;
        while (true)
        {
            long epoch = node.Slots!.Epoch; // Before the awaited ones, which are those of the same view then, or of a later one.
            int awaited = node.Slots.Awaited;
            View view = node.Transport.Membership!.View;
            if (view.Epoch == epoch && view.Members.Count(static member => member.State == MemberState.Up) is var up && told != (epoch, up, awaited > 0))
            {
                told = (epoch, up, awaited > 0);
                Write("slots", new JsonObject
                {
                    ["epoch"] = epoch,
                    ["awaited"] = awaited,
                    ["up"] = up,
                });
            }

            if (toldSettled < epoch && Stopwatch.GetElapsedTime(lookedAtSettled) >= s_lookAtSettled)
            {
                lookedAtSettled = Stopwatch.GetTimestamp();
                if (node.Transport.Membership!.GetStatusAsync().GetAwaiter().GetResult().SettledEpoch is var settled && settled != toldSettled)
                {
                    toldSettled = settled;
                    Write("settled", new JsonObject { ["epoch"] = settled });
                }
            }

            pause.Wait(s_look);
        }
    }

    private static void Write(string name, JsonObject line)
    {
        line["event"] = name;
        line["at"] = s_clock.Now.TotalMilliseconds;
        lock (s_writing)
        {
            Console.Out.WriteLine(line.ToJsonString());
            Console.Out.Flush();
        }
    }
}
