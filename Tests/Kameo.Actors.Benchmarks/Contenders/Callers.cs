using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>The end of a round, as its callers look at it before each message.</summary>
internal readonly struct RoundEnd(TimeSpan duration)
{
    private readonly long _at = Environment.TickCount64 + (long)duration.TotalMilliseconds;

    public bool IsReached => Environment.TickCount64 >= _at;
}

/// <summary>Runs a number of callers, each with one message under way at a time.</summary>
internal static class Callers
{
    /// <summary>One state machine a caller, none a message: what is measured is the contender.</summary>
    /// <returns>What all callers counted together.</returns>
    public static async Task<long> RunAsync(Work work, Func<int, RoundEnd, Task<long>> caller)
    {
        var end = new RoundEnd(work.Duration);
        return (await Task.WhenAll(Enumerable.Range(0, work.InFlight).Select(index => Task.Run(() => caller(index, end))))).Sum();
    }
}
