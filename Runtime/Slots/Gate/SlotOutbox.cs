using Kameo.Actors.Slots.Messages;

namespace Kameo.Actors.Slots.Gate;

/// <summary>What waits for a connection to a member, or there behind a request whose arguments are still arriving, in order. Under the gate.</summary>
internal sealed class SlotOutbox
{
    private readonly Queue<(object What, TimeSpan Since)> _items = new();

    /// <summary>How many there are.</summary>
    public int Count => _items.Count;

    /// <summary>Adds a request or a message.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryAdd(object what, TimeSpan now)
    {
        if (_items.Count >= HandoffLimits.HeldMax)
        {
            return false;
        }

        _items.Enqueue((what, now));
        return true;
    }

    /// <summary>Whether the first one is a request that came after a time, whose arguments are still arriving.</summary>
    public bool IsBlocked(TimeSpan since) => _items.TryPeek(out (object What, TimeSpan Since) first) && first.What is CallRequest { IsArriving: true } && first.Since >= since;

    /// <summary>Takes the first one.</summary>
    public bool TryTake(out HandoffMessage? message, out CallRequest? request)
    {
        bool isThere = _items.TryDequeue(out (object What, TimeSpan Since) item);
        message = item.What as HandoffMessage;
        request = item.What as CallRequest;
        return isThere;
    }

    /// <summary>Takes out the requests that wait for longer than since then, or whose time is over.</summary>
    public List<CallRequest> TakeLate(TimeSpan before, TimeSpan now)
    {
        List<CallRequest> late = [];
        for (int count = _items.Count; count > 0; count--)
        {
            (object What, TimeSpan Since) item = _items.Dequeue();
            if (item.What is CallRequest request && (item.Since < before || request.Deadline <= now))
            {
                late.Add(request);
            }
            else
            {
                _items.Enqueue(item);
            }
        }

        return late;
    }
}
