namespace Kameo.Actors.Transport;

/// <summary>A seeded source of jitter that several threads may draw from: a plain <see cref="Random"/> would break and give nothing but zeros.</summary>
/// <param name="seed">The same seed, drawn from in the same order, gives the same numbers.</param>
internal sealed class SharedRandom(int seed) : Random(seed)
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public override int Next()
    {
        lock (_lock)
        {
            return base.Next();
        }
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        lock (_lock)
        {
            base.NextBytes(buffer);
        }
    }

    /// <inheritdoc/>
    protected override double Sample()
    {
        lock (_lock)
        {
            return base.Sample(); // What every other method of a derived class draws from.
        }
    }
}
