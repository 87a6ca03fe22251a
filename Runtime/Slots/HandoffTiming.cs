namespace Kameo.Actors.Slots;

/// <summary>Every duration of hand-off.</summary>
internal sealed record HandoffTiming
{
    /// <summary>
    /// After how long a question without an answer is asked again: a release, a recovery, a flush. Then after twice as long, up to <see cref="RetryMax"/>: only a connection that ends loses a message, and nodes that are slow to
    /// answer would be slower still if they were asked the same again and again.
    /// </summary>
    public TimeSpan RetryEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest time between two questions.</summary>
    public TimeSpan RetryMax => 8 * RetryEvery;

    /// <summary>
    /// How long a flush is asked for before the order is given up. A way on which every node and connection lives and none answers for so long would be a circle of flushes that hold requests of each other; all of these
    /// have expired by then.
    /// </summary>
    public TimeSpan FlushMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a turn of a slot that moved may go on before its token is cancelled.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);
}
