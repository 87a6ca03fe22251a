using Kameo.Actors;

namespace Samples.PingPong;

/// <summary>The pinging: a number of callers, each with one ping under way at a time.</summary>
/// <param name="actor">The server's actor.</param>
/// <param name="settings">How many, how fast.</param>
internal sealed class PingRun(IPing actor, PingClientSettings settings)
{
    private readonly byte[] _payload = new byte[settings.PayloadBytes];
    private readonly Lock _lock = new();
    private long _next;

    /// <summary>How long the answered ones took.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Pings that were not answered.</summary>
    public long Lost { get; private set; }

    /// <summary>Of the lost ones, those that certainly did not run.</summary>
    public long LostNotRun { get; private set; }

    /// <summary>What the first lost one failed with.</summary>
    public string? FirstLoss { get; private set; }

    /// <summary>The highest count that the server gave.</summary>
    public long ServerCount { get; private set; }

    /// <summary>From the first ping to the last answer.</summary>
    public TimeSpan Total { get; private set; }

    /// <summary>Answered or lost so far.</summary>
    public long Done => Latencies.Count + Lost;

    /// <summary>Sends all pings.</summary>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        long start = TimeProvider.System.GetTimestamp();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(settings.InFlight, settings.Count)).Select(_ => Task.Run(() => CallAsync(cancellation), cancellation)));
        }
        finally
        {
            Total = TimeProvider.System.GetElapsedTime(start);
        }
    }

    private async Task CallAsync(CancellationToken cancellation)
    {
        for (long sequence = Interlocked.Increment(ref _next); sequence <= settings.Count; sequence = Interlocked.Increment(ref _next))
        {
            cancellation.ThrowIfCancellationRequested();
            await PingAsync(sequence);
            if (settings.Delay > TimeSpan.Zero && Volatile.Read(ref _next) < settings.Count)
            {
                await Task.Delay(settings.Delay, cancellation);
            }
        }
    }

    private async Task PingAsync(long sequence)
    {
        long start = TimeProvider.System.GetTimestamp();
        try
        {
            Pong pong = await actor.Ping(new Ping(sequence, PingPong.Greeting, _payload));
            TimeSpan latency = TimeProvider.System.GetElapsedTime(start);
            lock (_lock)
            {
                Latencies.Add(latency);
                ServerCount = Math.Max(ServerCount, pong.Count);
            }
        }
        catch (ActorCallException exception)
        {
            lock (_lock)
            {
                Lost++;
                LostNotRun += exception.Outcome == CallOutcome.NotRun ? 1 : 0;
                FirstLoss ??= $"ping {sequence}: {exception.Message}";
            }
        }
    }
}
