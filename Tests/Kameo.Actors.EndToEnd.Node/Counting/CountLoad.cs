using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Kameo.Actors.EndToEnd.Node.Counting;

/// <summary>Asks every actor to count, several asks to each on their way at a time, and reports each ask and its end to the witness.</summary>
internal sealed class CountLoad(ActorNode node, WitnessFile witness, EventWriter events)
{
    /// <summary>How long an ask may take: longer than it takes until a node that was killed or fell silent is replaced.</summary>
    public static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(12);

    /// <summary>Asks to one actor on their way.</summary>
    private const int Depth = 3;

    /// <summary>How often a failure of one kind is told in full.</summary>
    private const int ToldMax = 3;

    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_probeDeadline = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _told = new();
    private readonly ConcurrentDictionary<(int Client, int Actor, int Sequence), byte> _open = new();
    private Task _running = Task.CompletedTask;
    private long _asked;
    private long _replied;

    /// <summary>Begins, as this client, with actors 0 to <paramref name="actors"/> - 1.</summary>
    public void Start(int client, int actors) => _running = Task.WhenAll(Enumerable.Range(0, actors).Select(actor => Task.Run(() => RunAsync(client, actor))));

    /// <summary>Asks for no more, waits until every ask has completed, and says how many there were and which have not completed long after their deadline.</summary>
    public void Stop()
    {
        _stop.Cancel();
        bool areDone = _running.Wait(AskTimeout * 2);
        events.Write("counted", new JsonObject
        {
            ["asked"] = _asked,
            ["replied"] = _replied,
            ["done"] = areDone,
            ["open"] = string.Join(' ', _open.Keys.Take(20).Select(static one => $"{one.Actor}#{one.Sequence}")),
        });
    }

    /// <summary>Asks each actor, again after each failure, until it answers; says when all have and which was the last.</summary>
    public void Probe(int client, int actors)
    {
        long start = Stopwatch.GetTimestamp();
        var answered = new ConcurrentDictionary<int, double>();
        Task.WaitAll([.. Enumerable.Range(0, actors).Select(actor => Task.Run(async () =>
        {
            for (int sequence = 1; Stopwatch.GetElapsedTime(start) < s_probeDeadline; sequence++)
            {
                if (await AskAsync(client, actor, sequence))
                {
                    answered[actor] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }))]);
        events.Write("probed", new JsonObject
        {
            ["answered"] = answered.Count,
            ["longest"] = answered.IsEmpty ? 0 : answered.Values.Max(),
            ["silent"] = string.Join(' ', Enumerable.Range(0, actors).Where(actor => !answered.ContainsKey(actor)).Take(20).Select(static actor => actor.ToString(CultureInfo.InvariantCulture))),
        });
    }

    private async Task RunAsync(int client, int actor)
    {
        await Task.Delay(s_pace * ((actor % 20) / 20.0));
        var waiting = new Queue<Task>();
        for (int sequence = 1; !_stop.IsCancellationRequested; sequence++)
        {
            waiting.Enqueue(AskAsync(client, actor, sequence));
            while (waiting.Count >= Depth || (waiting.TryPeek(out Task? oldest) && oldest.IsCompleted))
            {
                await waiting.Dequeue();
            }

            // Now and then two in a row.
            if (sequence % 5 != 0)
            {
                await Task.Delay(s_pace);
            }
        }

        await Task.WhenAll(waiting);
    }

    /// <summary>One ask, sent before this returns.</summary>
    private async Task<bool> AskAsync(int client, int actor, int sequence)
    {
        var report = new WitnessReport { Kind = WitnessKind.Asked, Actor = actor, Client = client, Sequence = sequence, At = witness.Now };
        witness.Write(report);
        Interlocked.Increment(ref _asked);
        _open[(client, actor, sequence)] = 0;
        report.Kind = WitnessKind.Completed;
        try
        {
            int reply = await node.Get<ICountActor>(actor).Count(client, sequence);
            report.Outcome = reply == sequence ? WitnessOutcome.Reply : WitnessOutcome.Wrong;
            report.Name = reply == sequence ? string.Empty : "reply of another";
            Interlocked.Increment(ref _replied);
        }
        catch (ActorCallException exception)
        {
            report.Outcome = exception.Outcome switch
            {
                CallOutcome.NotRun => WitnessOutcome.NotRun,
                CallOutcome.MayHaveRun => WitnessOutcome.MayHaveRun,
                _ => WitnessOutcome.Ran,
            };
            report.Name = Tell(exception, exception.Outcome.ToString());
        }
        catch (Exception exception)
        {
            report.Outcome = WitnessOutcome.Wrong;
            report.Name = Tell(exception, "no outcome");
        }

        report.At = witness.Now;
        witness.Write(report);
        _open.TryRemove((client, actor, sequence), out _);
        return report.Outcome == WitnessOutcome.Reply;
    }

    private string Tell(Exception exception, string outcome)
    {
        string name = exception.GetType().Name.Replace("Exception", string.Empty, StringComparison.Ordinal);
        if (_told.AddOrUpdate($"{name} {outcome}", 1, static (_, told) => told + 1) <= ToldMax)
        {
            events.Write("failure", new JsonObject { ["name"] = name, ["outcome"] = outcome, ["message"] = exception.Message });
        }

        return name;
    }
}
