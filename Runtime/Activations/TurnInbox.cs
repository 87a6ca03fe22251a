namespace Kameo.Actors.Activations;

/// <summary>A queue of many producers and one consumer, intrusive: pushing allocates nothing.</summary>
/// <remarks>
/// A stack under one word; the consumer takes all of it with one exchange and turns it round, so items leave in the order they came. A push succeeds by
/// compare-exchange (release; partner: the consumer's exchange). There is no ABA: only whole stacks are taken, never the top item. Closing puts a mark in the word, after
/// which every push fails: what was pushed before is the closer's, nothing can follow. A mutable struct: kept in a field, never copied.
/// </remarks>
internal struct TurnInbox
{
    private static readonly TurnItem s_closed = new();

    private TurnItem? _top;

    /// <summary>Whether there is nothing to take. A glance.</summary>
    public readonly bool IsEmpty => Volatile.Read(in _top) is null;

    /// <summary>Adds an item. Any thread.</summary>
    /// <returns>False once it is closed.</returns>
    public bool TryPush(TurnItem item)
    {
        TurnItem? top = Volatile.Read(ref _top);
        while (!ReferenceEquals(top, s_closed))
        {
            item.Next = top;
            TurnItem? before = Interlocked.CompareExchange(ref _top, item, top);
            if (ReferenceEquals(before, top))
            {
                return true;
            }

            top = before;
        }

        return false;
    }

    /// <summary>Takes everything, oldest first, linked by <see cref="TurnItem.Next"/>. The consumer only, and not after closing.</summary>
    public TurnItem? TakeAll() => _top is null ? null : Reverse(Interlocked.Exchange(ref _top, null));

    /// <summary>Closes it and takes what is left. The consumer only, once.</summary>
    public TurnItem? Close() => Reverse(Interlocked.Exchange(ref _top, s_closed));

    /// <summary>Closes it if it is empty. The consumer only.</summary>
    public bool TryCloseEmpty() => Interlocked.CompareExchange(ref _top, s_closed, null) is null;

    private static TurnItem? Reverse(TurnItem? newest)
    {
        TurnItem? oldest = null;
        while (newest is not null)
        {
            TurnItem? next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }
}
