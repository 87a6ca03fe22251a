using System.Numerics;

namespace Samples.PingPong;

/// <summary>How often each latency was seen, within 3 %, in memory that does not grow: 32 buckets to each power of two of nanoseconds.</summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[64 * Steps];
    private double _sum;

    /// <summary>How many were added.</summary>
    public long Count { get; private set; }

    /// <summary>The longest.</summary>
    public TimeSpan Max { get; private set; }

    /// <summary>The mean.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)(_sum / Count));

    /// <summary>Adds one. Not thread safe.</summary>
    public void Add(TimeSpan latency)
    {
        _counts[BucketOf((ulong)latency.Ticks * TimeSpan.NanosecondsPerTick)]++;
        Count++;
        _sum += latency.Ticks;
        Max = latency > Max ? latency : Max;
    }

    /// <summary>The latency that a fraction of all does not exceed.</summary>
    public TimeSpan Percentile(double fraction)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(Count * fraction));
        long seen = 0;
        for (int bucket = 0; bucket < _counts.Length && Count != 0; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted)
            {
                TimeSpan end = EndOf(bucket);
                return end < Max ? end : Max;
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>Counts between powers of two, from the first to the last that is not empty: for a picture.</summary>
    public IReadOnlyList<(TimeSpan UpTo, long Count)> Coarse()
    {
        var rows = new List<(TimeSpan, long)>();
        for (int power = 0; power < 64; power++)
        {
            long count = _counts.AsSpan(power * Steps, Steps).ToArray().Sum();
            if (count != 0 || rows.Count != 0)
            {
                rows.Add((EndOf((power * Steps) + Steps - 1), count));
            }
        }

        while (rows.Count != 0 && rows[^1].Item2 == 0)
        {
            rows.RemoveAt(rows.Count - 1);
        }

        return rows;
    }

    private static int BucketOf(ulong nanoseconds)
    {
        int power = BitOperations.Log2(nanoseconds | 1);
        int step = power <= StepBits ? (int)(nanoseconds << (StepBits - power)) & (Steps - 1) : (int)(nanoseconds >> (power - StepBits)) & (Steps - 1);
        return (power * Steps) + step;
    }

    private static TimeSpan EndOf(int bucket)
    {
        double start = Math.Pow(2, bucket / Steps);
        return TimeSpan.FromMicroseconds(start * (1 + ((bucket % Steps) + 1.0) / Steps) / 1000);
    }
}
