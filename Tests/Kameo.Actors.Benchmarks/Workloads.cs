using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks;

/// <summary>What the benchmarks do in a round. Each runs for a time with a number of callers.</summary>
internal static class Workloads
{
    /// <summary>Asks of an actor through its generated reference.</summary>
    public static Task<long> TypedAsksAsync(ServerProcess server, int inFlight, byte[] payload, TimeSpan time)
    {
        IEcho echo = server.Client.Get<IEcho>(1);
        return CallAsync(inFlight, time, until => AskTypedAsync(echo, payload, until));
    }

    /// <summary>Asks of bytes to a name with a handler.</summary>
    public static async Task<long> RawAsksAsync(ServerProcess server, int inFlight, byte[] payload, TimeSpan time)
    {
        RemoteName echo = await server.Client.Transport.LookupAsync("echo", CancellationToken.None);
        return await CallAsync(inFlight, time, until => AskRawAsync(echo, payload, until));
    }

    /// <summary>Tells to an actor, counted where they arrive.</summary>
    public static async Task<long> TellsAsync(ServerProcess server, int senders, byte[] payload, TimeSpan time)
    {
        IEcho echo = server.Client.Get<IEcho>(1);
        long before = (await server.ReadUsageAsync()).Tells;
        await CallAsync(senders, time, until => TellAsync(echo, payload, until));
        await echo.Echo(payload); // Behind all of them.
        return (await server.ReadUsageAsync()).Tells - before;
    }

    // One state machine a caller, none a message: what is measured is the framework.
    private static async Task<long> AskTypedAsync(IEcho echo, byte[] payload, long until)
    {
        long count = 0;
        for (; Environment.TickCount64 < until; count++)
        {
            await echo.Echo(payload);
        }

        return count;
    }

    private static async Task<long> AskRawAsync(RemoteName echo, byte[] payload, long until)
    {
        long count = 0;
        for (; Environment.TickCount64 < until; count++)
        {
            (await echo.AskAsync(payload)).Dispose();
        }

        return count;
    }

    private static async Task<long> TellAsync(IEcho echo, byte[] payload, long until)
    {
        long count = 0;
        for (; Environment.TickCount64 < until; count++)
        {
            await echo.Tell().Count(payload);
        }

        return count;
    }

    private static async Task<long> CallAsync(int callers, TimeSpan time, Func<long, Task<long>> call)
    {
        long until = Environment.TickCount64 + (long)time.TotalMilliseconds;
        return (await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => call(until))))).Sum();
    }
}
