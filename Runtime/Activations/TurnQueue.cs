using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>What the executor has taken out of an inbox and not run yet, in order. The executor only. A mutable struct: kept in a field, never copied.</summary>
internal struct TurnQueue
{
    private InboxItem? _last;

    /// <summary>Whether nothing waits.</summary>
    public readonly bool IsEmpty => First is null;

    /// <summary>The oldest.</summary>
    public InboxItem? First { get; private set; }

    /// <summary>Adds linked items at the end.</summary>
    public void Append(InboxItem? items)
    {
        if (items is null)
        {
            return;
        }

        if (_last is null)
        {
            First = items;
        }
        else
        {
            _last.NextItem = items;
        }

        while (items.NextItem is { } next)
        {
            items = next;
        }

        _last = items;
    }

    /// <summary>Adds linked items at the end, the last of which is known.</summary>
    public void Append(InboxItem? oldest, InboxItem? newest)
    {
        if (oldest is null)
        {
            return;
        }

        if (_last is null)
        {
            First = oldest;
        }
        else
        {
            _last.NextItem = oldest;
        }

        _last = newest;
    }

    /// <summary>Takes the oldest.</summary>
    public InboxItem? TakeFirst() => First is null ? null : TakeAfter(null);

    /// <summary>Takes the item behind <paramref name="before"/>; behind null stands the oldest.</summary>
    public InboxItem TakeAfter(InboxItem? before)
    {
        InboxItem taken = before is null ? First! : before.NextItem!;
        if (before is null)
        {
            First = taken.NextItem;
        }
        else
        {
            before.NextItem = taken.NextItem;
        }

        if (ReferenceEquals(_last, taken))
        {
            _last = before;
        }

        taken.NextItem = null;
        return taken;
    }
}
