using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks;

/// <summary>What the benchmarks do in a round. Each runs for a time with a number of callers.</summary>
internal static class Workloads
{
    /// <summary>Asks of an actor through its generated reference.</summary>
    public static Task<long> TypedAsksAsync(ServerProcess server, int inFlight, byte[] payload, TimeSpan time)
    {
        IEcho echo = server.Client.Get<IEcho>(1);
        return CallAsync(inFlight, time, async () => await echo.Echo(payload));
    }

    /// <summary>Asks of bytes to a name with a handler.</summary>
    public static async Task<long> RawAsksAsync(ServerProcess server, int inFlight, byte[] payload, TimeSpan time)
    {
        RemoteName echo = await server.Client.Transport.LookupAsync("echo", CancellationToken.None);
        return await CallAsync(inFlight, time, async () => (await echo.AskAsync(payload)).Dispose());
    }

    /// <summary>Tells to an actor, counted where they arrive.</summary>
    public static async Task<long> TellsAsync(ServerProcess server, int senders, byte[] payload, TimeSpan time)
    {
        IEcho echo = server.Client.Get<IEcho>(1);
        long before = (await server.ReadUsageAsync()).Tells;
        await CallAsync(senders, time, async () => await echo.Tell().Count(payload));
        await echo.Echo(payload); // Behind all of them.
        return (await server.ReadUsageAsync()).Tells - before;
    }

    private static async Task<long> CallAsync(int callers, TimeSpan time, Func<ValueTask> call)
    {
        long until = Environment.TickCount64 + (long)time.TotalMilliseconds;
        long[] counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            long count = 0;
            while (Environment.TickCount64 < until)
            {
                await call();
                count++;
            }

            return count;
        })));
        return counts.Sum();
    }
}
