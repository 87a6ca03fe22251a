namespace Kameo.Actors.Activations;

/// <summary>What the executor has taken out of an inbox and not run yet, in order. The executor only. A mutable struct: kept in a field, never copied.</summary>
internal struct TurnQueue
{
    private TurnItem? _first;
    private TurnItem? _last;

    /// <summary>Whether nothing waits.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>The oldest.</summary>
    public readonly TurnItem? First => _first;

    /// <summary>Adds linked items at the end.</summary>
    public void Append(TurnItem? items)
    {
        if (items is null)
        {
            return;
        }

        if (_last is null)
        {
            _first = items;
        }
        else
        {
            _last.Next = items;
        }

        while (items.Next is { } next)
        {
            items = next;
        }

        _last = items;
    }

    /// <summary>Takes the oldest.</summary>
    public TurnItem? TakeFirst() => _first is null ? null : TakeAfter(null);

    /// <summary>Takes the item behind <paramref name="before"/>; behind null stands the oldest.</summary>
    public TurnItem TakeAfter(TurnItem? before)
    {
        TurnItem taken = before is null ? _first! : before.Next!;
        if (before is null)
        {
            _first = taken.Next;
        }
        else
        {
            before.Next = taken.Next;
        }

        if (ReferenceEquals(_last, taken))
        {
            _last = before;
        }

        taken.Next = null;
        return taken;
    }
}
