namespace Kameo.Actors.Collection;

/// <summary>Finds the moment up to which the wanted number of activations were used last, without a list of them: memory is short when it is needed.</summary>
internal static class LeastRecentlyUsed
{
    private const int Buckets = 1024;

    /// <summary>Walks the moments a few times, each time counting them in finer parts of the range that the answer lies in.</summary>
    /// <param name="moments">When each was used; walked several times, may change meanwhile: the answer is then approximate.</param>
    /// <param name="wanted">How many are wanted.</param>
    /// <returns>The moment at or before which at least <paramref name="wanted"/> lie, all if there are fewer; <see cref="long.MinValue"/> if none are wanted.</returns>
    public static long Find(IEnumerable<long> moments, long wanted)
    {
        if (wanted <= 0)
        {
            return long.MinValue;
        }

        (long first, long last) = RangeOf(moments);
        Span<long> counts = stackalloc long[Buckets];
        while (first < last)
        {
            long width = Math.Max(1, (last - first + Buckets) / Buckets);
            counts.Clear();
            foreach (long moment in moments)
            {
                if (moment <= last)
                {
                    counts[moment <= first ? 0 : (int)((moment - first) / width)]++; // What lies before the range counts with its start.
                }
            }

            int bucket = 0;
            long before = 0;
            while (bucket < Buckets - 1 && before + counts[bucket] < wanted)
            {
                before += counts[bucket++];
            }

            first += bucket * width;
            last = Math.Min(last, first + width - 1);
        }

        return last;
    }

    private static (long First, long Last) RangeOf(IEnumerable<long> moments)
    {
        long first = long.MaxValue;
        long last = long.MinValue;
        foreach (long moment in moments)
        {
            first = Math.Min(first, moment);
            last = Math.Max(last, moment);
        }

        return (first, last);
    }
}
