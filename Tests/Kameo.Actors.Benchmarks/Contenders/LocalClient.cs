using Kameo.Actors.Benchmarks.Harness;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>The callers of the local benchmarks. Each looks at the clock once in a stretch of messages only: reading it costs as much as a call.</summary>
internal sealed class LocalClient(LocalTargets targets) : IClientPart
{
    private const int Stretch = 64;

    public ValueTask DisposeAsync() => targets.Close();

    public Task<long> RunAsync(Work work, Latencies latencies) => work.Kind switch
    {
        WorkKind.LocalAsk => Callers.RunAsync(work, (index, end) => AskAsync(targets.Find(0), end, Timed(index, work, latencies))),
        WorkKind.LocalAskEach => Callers.RunAsync(work, (index, end) => AskAsync(targets.Find(1 + index), end, Timed(index, work, latencies))),
        WorkKind.LocalTell => TellAllAsync(work),
        _ => throw new InvalidOperationException($"This stack does not do {work.Kind}."),
    };

    /// <summary>One caller of many is timed. A lone one is not: there a message takes less than to read the clock.</summary>
    private static Latencies? Timed(int index, Work work, Latencies latencies) => index == 0 && work.InFlight > 1 ? latencies : null;

    private static async Task<long> AskAsync(IAdder target, RoundEnd end, Latencies? latencies)
    {
        long count = 0;
        while (!end.IsReached)
        {
            for (int call = 0; call < Stretch; call++)
            {
                long started = latencies?.Start() ?? 0;
                await target.Add(1).ConfigureAwait(false);
                latencies?.Stop(started);
            }

            count += Stretch;
        }

        return count;
    }

    private async Task<long> TellAllAsync(Work work)
    {
        IAdder target = targets.Find(0);
        long before = await target.Count();
        long sent = await Callers.RunAsync(work, (_, end) => TellAsync(target, end));
        while (await target.Count() - before is var counted && counted != sent)
        {
            if (counted > sent)
            {
                throw new InvalidOperationException($"{sent} tells were sent, {counted} ran.");
            }

            await Task.Yield();
        }

        return sent;
    }

    private static async Task<long> TellAsync(IAdder target, RoundEnd end)
    {
        long count = 0;
        IAdderTell tell = target.Tell();
        while (!end.IsReached)
        {
            for (int call = 0; call < Stretch; call++)
            {
                await tell.Note(1).ConfigureAwait(false);
            }

            count += Stretch;
        }

        return count;
    }
}
