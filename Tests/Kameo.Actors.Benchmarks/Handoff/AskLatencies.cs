using System.Numerics;

namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>How long asks took: counted in classes of at most 1.6 % width, so that any number of asks takes the same memory. Thread safe.</summary>
internal sealed class AskLatencies
{
    /// <summary>Below 128 us each microsecond is a class; from there on each power of two has 64.</summary>
    private const int ExactMax = 128;
    private const int ClassesOfPower = 64;

    private readonly long[] _classes = new long[ExactMax + (ClassesOfPower * 26)];
    private long _most;

    /// <summary>How many.</summary>
    public long Count => _classes.Sum();

    /// <summary>The longest, in milliseconds.</summary>
    public double Most => Interlocked.Read(ref _most) / 1000.0;

    /// <summary>One more.</summary>
    public void Add(TimeSpan latency)
    {
        long microseconds = Math.Max(0, (long)latency.TotalMicroseconds);
        Interlocked.Increment(ref _classes[Math.Min(ClassOf(microseconds), _classes.Length - 1)]);
        for (long most = Interlocked.Read(ref _most); microseconds > most;)
        {
            long found = Interlocked.CompareExchange(ref _most, microseconds, most);
            most = found == most ? microseconds : found;
        }
    }

    /// <summary>The latency that a share of the asks does not exceed (nearest rank, upper end of its class), in milliseconds; NaN for none.</summary>
    public double Percentile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int at = 0; at < _classes.Length; at++)
        {
            seen += _classes[at];
            if (seen >= rank)
            {
                return Math.Min(EndOf(at) / 1000.0, Most);
            }
        }

        return double.NaN;
    }

    private static int ClassOf(long microseconds)
    {
        if (microseconds < ExactMax)
        {
            return (int)microseconds;
        }

        int power = BitOperations.Log2((ulong)microseconds);
        return ExactMax + ((power - 7) * ClassesOfPower) + (int)((microseconds >> (power - 6)) & (ClassesOfPower - 1));
    }

    private static double EndOf(int at)
    {
        if (at < ExactMax)
        {
            return at;
        }

        int power = 7 + ((at - ExactMax) / ClassesOfPower);
        return ((ClassesOfPower + ((at - ExactMax) % ClassesOfPower) + 1L) << (power - 6)) - 1;
    }
}
