using System.Diagnostics;

namespace Kameo.Actors.Benchmarks;

/// <summary>One timed round.</summary>
/// <param name="Messages">Messages that counted.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="CpuMicroseconds">User and system time of both processes.</param>
/// <param name="ClientBytes">Bytes allocated by the client.</param>
/// <param name="ServerBytes">Bytes allocated by the server.</param>
internal sealed record Round(long Messages, double Seconds, double CpuMicroseconds, long ClientBytes, long ServerBytes)
{
    /// <summary>Messages a second.</summary>
    public double Rate => Messages / Seconds;

    /// <summary>CPU for each message, both processes.</summary>
    public double CpuPerMessage => CpuMicroseconds / Messages;

    /// <summary>Measures a piece of work that returns how many messages counted.</summary>
    public static async Task<Round> MeasureAsync(ServerProcess server, Func<Task<long>> work)
    {
        var own = new Usage();
        UsageSample serverBefore = await server.ReadUsageAsync();
        UsageSample clientBefore = own.Sample();
        long messages = await work();
        UsageSample clientAfter = own.Sample();
        UsageSample serverAfter = await server.ReadUsageAsync();
        return new Round(
            messages,
            Stopwatch.GetElapsedTime(clientBefore.Timestamp, clientAfter.Timestamp).TotalSeconds,
            clientAfter.CpuMicroseconds - clientBefore.CpuMicroseconds + serverAfter.CpuMicroseconds - serverBefore.CpuMicroseconds,
            clientAfter.AllocatedBytes - clientBefore.AllocatedBytes,
            serverAfter.AllocatedBytes - serverBefore.AllocatedBytes);
    }
}
