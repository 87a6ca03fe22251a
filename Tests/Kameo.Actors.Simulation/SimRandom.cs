namespace Kameo.Actors.Simulation;

/// <summary>A source that gives the same numbers for the same seed on every runtime: SplitMix64. Each part of a run has its own, forked from the seed, so that a change in one part leaves the others alone.</summary>
/// <param name="seed">The seed.</param>
internal sealed class SimRandom(ulong seed) : Random
{
    private ulong _state = Mix(seed + 0x9e3779b97f4a7c15);

    /// <summary>Another source, which depends on this seed and a name only.</summary>
    public SimRandom Fork(ulong name) => new(Mix(seed ^ Mix(name)));

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        _state += 0x9e3779b97f4a7c15;
        return Mix(_state);
    }

    /// <summary>Whether something of that probability happens.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A number in a range of doubles.</summary>
    public double Between(double least, double most) => least + ((most - least) * NextDouble());

    /// <summary>A span in a range.</summary>
    public long Ticks(double leastMilliseconds, double mostMilliseconds) => (long)(Between(leastMilliseconds, mostMilliseconds) * TimeSpan.TicksPerMillisecond);

    /// <summary>One of several.</summary>
    public T Pick<T>(IReadOnlyList<T> from) => from[Next(from.Count)];

    /// <inheritdoc/>
    public override double NextDouble() => (NextBits() >> 11) * (1.0 / (1ul << 53));

    /// <inheritdoc/>
    public override int Next() => (int)(NextBits() >> 33);

    /// <inheritdoc/>
    public override int Next(int maxValue) => maxValue <= 0 ? 0 : (int)(NextBits() % (ulong)maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => minValue + Next(maxValue - minValue);

    /// <inheritdoc/>
    public override long NextInt64() => (long)(NextBits() >> 1);

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => (long)(NextBits() % (ulong)maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue) => minValue + NextInt64(maxValue - minValue);

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (byte)(NextBits() >> 56);
        }
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    /// <summary>The finaliser of SplitMix64.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
