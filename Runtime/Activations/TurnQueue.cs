using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Queues;

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

    /// <summary>Adds the items of an activation's inbox at the end.</summary>
    public void Append(InboxItem? taken)
    {
        if (taken is null)
        {
            return;
        }

        TurnItem items = Unsafe.As<TurnItem>(taken); // An activation's inboxes hold nothing else.

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
