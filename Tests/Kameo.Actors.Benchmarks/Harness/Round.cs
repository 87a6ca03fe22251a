using System.Globalization;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>What one round measured.</summary>
/// <param name="Messages">Messages answered, counted where they arrived, or connections made.</param>
/// <param name="Seconds">From the first to the last.</param>
/// <param name="P50Microseconds">Median latency; 0 when messages were not timed one by one.</param>
/// <param name="P99Microseconds">99th percentile of it.</param>
/// <param name="Client">Used by the client's process.</param>
/// <param name="Server">Used by the server's process.</param>
internal sealed record Round(long Messages, double Seconds, double P50Microseconds, double P99Microseconds, Usage Client, Usage Server)
{
    /// <summary>Memory of both processes at its end, as the system counts.</summary>
    public long WorkingSetBytes { get; init; }

    public double MessagesPerSecond => Messages / Seconds;

    /// <summary>User and system time of both processes for a message.</summary>
    public double CpuMicrosecondsPerMessage => (Client.CpuMicroseconds + Server.CpuMicroseconds) / Messages;

    public double ClientBytesPerMessage => (double)Client.AllocatedBytes / Messages;

    public double ServerBytesPerMessage => (double)Server.AllocatedBytes / Messages;

    /// <summary>The line a client process answers with: "CPU BYTES MESSAGES SECONDS P50 P99".</summary>
    public static string ToLine(Usage client, long messages, double seconds, Latencies latencies) =>
        string.Create(CultureInfo.InvariantCulture, $"{client} {messages} {seconds:0.000000} {latencies.Percentile(0.5):0.00} {latencies.Percentile(0.99):0.00}");

    /// <summary>Reads that line.</summary>
    public static Round Read(string line, Usage server)
    {
        string[] words = line.Split(' ');
        var round = new Round(
            long.Parse(words[2], CultureInfo.InvariantCulture),
            Number(3),
            Number(4),
            Number(5),
            Usage.Read(words),
            server);
        return round.Messages > 0 ? round : throw new InvalidDataException("Nothing was answered in a whole round.");

        double Number(int index) => double.Parse(words[index], CultureInfo.InvariantCulture);
    }
}

/// <summary>Median and extremes of one value over the rounds.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    /// <summary>The median of an even count is the mean of the middle two. Of nothing, all are NaN.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? new Spread(double.NaN, double.NaN, double.NaN)
            : new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
