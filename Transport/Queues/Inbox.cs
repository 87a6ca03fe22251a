namespace Kameo.Actors.Transport.Queues;

/// <summary>A queue of many producers and one consumer, intrusive: pushing allocates nothing.</summary>
/// <remarks>
/// A stack under one word; the consumer takes all of it with one exchange and turns it round, so items leave in the order they came. A push succeeds by
/// compare-exchange (release; partner: the consumer's exchange); a chain is pushed with one, so a whole batch costs as much as one item. There is no ABA: only whole stacks are
/// taken, never the top item. Closing puts a mark in the word, after which every push fails: what was pushed before is the closer's, nothing can follow.
/// A mutable struct: kept in a field, never copied.
/// </remarks>
internal struct Inbox
{
    private static readonly InboxItem s_closed = new ClosedMark();

    private InboxItem? _top;

    /// <summary>Whether there is nothing to take. A glance.</summary>
    public readonly bool IsEmpty => Volatile.Read(in _top) is null;

    /// <summary>Whether it takes nothing more. A glance.</summary>
    public readonly bool IsClosed => ReferenceEquals(Volatile.Read(in _top), s_closed);

    /// <summary>Whether an item is the newest. A glance.</summary>
    public readonly bool IsNewest(InboxItem item) => ReferenceEquals(Volatile.Read(in _top), item);

    /// <summary>Adds an item. Any thread.</summary>
    /// <returns>False once it is closed.</returns>
    public bool TryPush(InboxItem item) => TryPush(item, item);

    /// <summary>Adds a chain in one step. Any thread.</summary>
    /// <param name="newest">Its last item in order; each links the one before it.</param>
    /// <param name="oldest">Its first item in order; its link is set here.</param>
    /// <returns>False once it is closed; the chain is as it was, and its oldest item links none.</returns>
    public bool TryPush(InboxItem newest, InboxItem oldest)
    {
        InboxItem? top = Volatile.Read(ref _top);
        while (!ReferenceEquals(top, s_closed))
        {
            oldest.NextItem = top;
            InboxItem? before = Interlocked.CompareExchange(ref _top, newest, top);
            if (ReferenceEquals(before, top))
            {
                return true;
            }

            top = before;
        }

        oldest.NextItem = null; // What was the newest here, if it was not closed at the first look.
        return false;
    }

    /// <summary>Takes everything, oldest first, linked by <see cref="InboxItem.NextItem"/>. The consumer only, and not after closing.</summary>
    public InboxItem? TakeAll() => TakeAll(out _);

    /// <inheritdoc cref="TakeAll()"/>
    /// <param name="newest">The last one.</param>
    public InboxItem? TakeAll(out InboxItem? newest)
    {
        newest = _top is null ? null : Interlocked.Exchange(ref _top, null);
        return Reverse(newest);
    }

    /// <summary>Closes it and takes what is left. The consumer only, once.</summary>
    public InboxItem? Close() => Reverse(Interlocked.Exchange(ref _top, s_closed));

    /// <summary>Closes it if it is empty. The consumer only.</summary>
    public bool TryCloseEmpty() => Interlocked.CompareExchange(ref _top, s_closed, null) is null;

    private static InboxItem? Reverse(InboxItem? newest)
    {
        InboxItem? oldest = null;
        while (newest is not null)
        {
            InboxItem? next = newest.NextItem;
            newest.NextItem = oldest;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }

    private sealed class ClosedMark : InboxItem;
}
