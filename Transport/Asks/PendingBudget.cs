namespace Kameo.Actors.Transport.Asks;

/// <summary>How many asks all connections of a node may have pending or answered and unread, beside the few that each has for itself; handed out to their tables by the chunk.</summary>
/// <remarks>
/// Thread-safe. An ask itself never touches it, so it costs nothing per message. It is the reply budget: each of these asks may bring an answer of <see cref="ReplyBytesMax"/>, larger
/// ones are gathered under a limit of their own.
/// </remarks>
internal sealed class PendingBudget
{
    /// <summary>Longest frame of an answer; a larger one goes as a stream (AGREEMENT, Flow control: unread replies are bounded by pending asks x 16 KiB). A peer that sends a larger one is closed.</summary>
    public const int ReplyBytesMax = 16 * 1024;

    private readonly int _chunksMax;
    private int _chunksGranted;
    private long _refusals;

    /// <summary>Makes a budget.</summary>
    /// <param name="asksMax">The limit; rounded down to whole chunks of <see cref="PendingTable.ChunkAsks"/>, but at least one.</param>
    public PendingBudget(long asksMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(asksMax);
        _chunksMax = (int)Math.Clamp(asksMax / PendingTable.ChunkAsks, 1, int.MaxValue / PendingTable.ChunkAsks);
    }

    /// <summary>The limit.</summary>
    public int AsksMax => _chunksMax * PendingTable.ChunkAsks;

    /// <summary>What is handed out now.</summary>
    public int AsksGranted => Volatile.Read(ref _chunksGranted) * PendingTable.ChunkAsks;

    /// <summary>How often the limit was met.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    /// <summary>Grants one chunk, or refuses at the limit.</summary>
    internal bool TryGrantChunk()
    {
        int granted = Volatile.Read(ref _chunksGranted);
        while (granted < _chunksMax)
        {
            int seen = Interlocked.CompareExchange(ref _chunksGranted, granted + 1, granted);
            if (seen == granted)
                return true;
            granted = seen;
        }

        Interlocked.Increment(ref _refusals);
        return false;
    }

    /// <summary>Takes a chunk back.</summary>
    internal void ReturnChunk() => Interlocked.Decrement(ref _chunksGranted);
}
