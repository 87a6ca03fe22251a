namespace Kameo.Actors.Transport.Asks;

/// <summary>The reply batches of a node that are not in use.</summary>
/// <remarks>Thread-safe, without a lock. At most <see cref="KeptMax"/> are kept, more are left to the garbage collector. Batches in use are bounded by the pending asks.</remarks>
internal sealed class CompletionBatchPool
{
    private readonly CompletionBatch?[] _kept;
    private readonly Action<Exception> _onFault;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="onFault">Told, on the thread pool, of an exception that left <see cref="Completion.Complete"/>: a continuation that throws. It must not throw.</param>
    /// <param name="keptMax">How many unused batches are kept.</param>
    public CompletionBatchPool(Action<Exception> onFault, int keptMax = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keptMax);
        _onFault = onFault;
        _kept = new CompletionBatch?[keptMax];
    }

    /// <summary>How many unused batches are kept at most.</summary>
    public int KeptMax => _kept.Length;

    /// <summary>Hands out an empty batch.</summary>
    public CompletionBatch Rent()
    {
        foreach (ref CompletionBatch? place in _kept.AsSpan())
        {
            // Partner: the compare-exchange in Return. Full fences, so the batch's reset is seen.
            if (Volatile.Read(ref place) is not null && Interlocked.Exchange(ref place, null) is { } batch)
                return batch;
        }

        return new CompletionBatch(this);
    }

    internal void Return(CompletionBatch batch)
    {
        foreach (ref CompletionBatch? place in _kept.AsSpan())
        {
            if (Volatile.Read(ref place) is null && Interlocked.CompareExchange(ref place, batch, null) is null)
                return;
        }
    }

    internal void Fault(Exception exception) => _onFault(exception);
}
