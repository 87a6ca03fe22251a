namespace Kameo.Actors.Transport.Asks;

/// <summary>How many asks all connections of a node may have pending, handed out to their tables by the chunk.</summary>
/// <remarks>Thread-safe. An ask itself never touches it, so it costs nothing per message.</remarks>
internal sealed class PendingBudget
{
    /// <summary>The default limit of a node.</summary>
    public const int DefaultAsksMax = 262_144;

    private readonly int _chunksMax;
    private int _chunksGranted;

    /// <summary>Makes a budget.</summary>
    /// <param name="asksMax">The limit; rounded down to whole chunks of <see cref="PendingTable.ChunkAsks"/>, but at least one.</param>
    public PendingBudget(int asksMax = DefaultAsksMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(asksMax);
        _chunksMax = Math.Max(1, asksMax / PendingTable.ChunkAsks);
    }

    /// <summary>The limit.</summary>
    public int AsksMax => _chunksMax * PendingTable.ChunkAsks;

    /// <summary>What is handed out now.</summary>
    public int AsksGranted => Volatile.Read(ref _chunksGranted) * PendingTable.ChunkAsks;

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

        return false;
    }

    /// <summary>Takes chunks back.</summary>
    internal void ReturnChunks(int chunks) => Interlocked.Add(ref _chunksGranted, -chunks);
}
