namespace Kameo.Actors.Transport.Queues;

/// <summary>Items that one thread gathers for one <see cref="Inbox"/>, to push them all in one step. A mutable struct: kept in a field, never copied.</summary>
internal struct InboxChain
{
    private InboxItem? _newest;
    private InboxItem? _oldest;

    /// <summary>Whether it has no item.</summary>
    public readonly bool IsEmpty => _newest is null;

    /// <summary>What was added last.</summary>
    public readonly InboxItem? Newest => _newest;

    /// <summary>How many things it has: each item is one, or more.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an item as the newest.</summary>
    public void Add(InboxItem item)
    {
        item.NextItem = _newest;
        _newest = item;
        _oldest ??= item;
        Count++;
    }

    /// <summary>The newest item has one thing more.</summary>
    public void Grow() => Count++;

    /// <summary>Pushes them all.</summary>
    /// <returns>False if the inbox is closed: the chain still has them.</returns>
    public readonly bool TryPush(ref Inbox inbox) => inbox.TryPush(_newest!, _oldest!);

    /// <summary>Forgets the items.</summary>
    public void Clear() => this = default;

    /// <summary>Gives the items up, oldest first, linked.</summary>
    public InboxItem? TakeAll()
    {
        InboxItem? oldest = null;
        for (InboxItem? item = _newest; item is not null;)
        {
            InboxItem? before = item.NextItem;
            item.NextItem = oldest;
            oldest = item;
            item = before;
        }

        Clear();
        return oldest;
    }
}
