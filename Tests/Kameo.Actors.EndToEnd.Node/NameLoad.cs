using System.Diagnostics;
using System.Text.Json.Nodes;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>Looks names up and asks who answers, over and over, and counts what became of it.</summary>
internal sealed class NameLoad(TransportNode node, EventWriter events)
{
    /// <summary>Never set: what a thread of its own rests on between two looks.</summary>
    private static readonly ManualResetEventSlim s_never = new();

    private static readonly TimeSpan s_askTimeout = TimeSpan.FromSeconds(2);

    private long _answered;
    private long _missing;
    private long _failed;
    private double _longestGap;
    private double _answeredAt;
    private string _lastError = string.Empty;

    /// <summary>Begins with these names, on a thread of its own.</summary>
    public void Start(string[] names) => new Thread(() => Run(names)) { IsBackground = true, Name = "load" }.Start();

    /// <summary>Says how often somebody answered, nobody had the name, or who had it did not answer; the longest time without an answer; and starts to count anew.</summary>
    public void Report() => events.Write("load", new JsonObject
    {
        ["answered"] = Interlocked.Exchange(ref _answered, 0),
        ["missing"] = Interlocked.Exchange(ref _missing, 0),
        ["failed"] = Interlocked.Exchange(ref _failed, 0),
        ["longestGap"] = Math.Max(Interlocked.Exchange(ref _longestGap, 0), events.Now - Volatile.Read(ref _answeredAt)),
        ["lastError"] = _lastError,
    });

    /// <summary>Waits, on a thread of its own, until a name is known here, or is not any more, and says when.</summary>
    public void Await(string name, bool isGone) => new Thread(() =>
    {
        long start = Stopwatch.GetTimestamp();
        while (node.Lookup(name) is null != isGone)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
            {
                events.Write("error", new JsonObject { ["command"] = "await", ["message"] = $"{name} is still {(isGone ? "there" : "unknown")} after 30 s" });
                return;
            }

            s_never.Wait(TimeSpan.FromMilliseconds(1));
        }

        events.Write(isGone ? "name-gone" : "name-seen", new JsonObject { ["name"] = name });
    })
    { IsBackground = true, Name = "await" }.Start();

    private void Run(string[] names)
    {
        Volatile.Write(ref _answeredAt, events.Now);
        for (int turn = 0; ; turn++)
        {
            string name = names[turn % names.Length];
            RemoteName? found = node.Lookup(name);
            if (found is null)
            {
                Interlocked.Increment(ref _missing);
            }
            else
            {
                Ask(found);
            }

            s_never.Wait(TimeSpan.FromMilliseconds(2));
        }
    }

    private void Ask(RemoteName found)
    {
        try
        {
            using NameReply reply = found.AskAsync(ReadOnlyMemory<byte>.Empty, s_askTimeout).AsTask().GetAwaiter().GetResult();
            double now = events.Now;
            _longestGap = Math.Max(_longestGap, now - _answeredAt);
            Volatile.Write(ref _answeredAt, now);
            Interlocked.Increment(ref _answered);
        }
        catch (Exception exception)
        {
            _lastError = $"{exception.GetType().Name}: {exception.Message}";
            Interlocked.Increment(ref _failed);
        }
    }
}
