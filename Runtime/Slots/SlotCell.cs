using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What is not steady about one slot of one group: it is taken over, let go, has records or guests, or its senders change their way. Made when needed, dropped when steady.</summary>
internal sealed class SlotCell(TypeGroup group, int slot)
{
    public TypeGroup Group { get; } = group;

    public int Slot { get; } = slot;

    // As owner.

    /// <summary>Owned in the installed view, and not acquired yet.</summary>
    public bool IsAwaiting { get; set; }

    /// <summary>Members that owned it since the settled view and have not released it, with the last view in which they did.</summary>
    public Dictionary<MemberId, long> Waits { get; } = [];

    /// <summary>Former owners that departed without having released it to this node, with the last view in which they owned it.</summary>
    public Dictionary<MemberId, long> Gone { get; } = [];

    /// <summary>Who owned it and lost its records, with the last view in which it did; this node may be one of them.</summary>
    public Dictionary<MemberId, long> Forgot { get; } = [];

    /// <summary>Who released it, as of which view.</summary>
    public Dictionary<MemberId, long> ReleasedBy { get; } = [];

    /// <summary>Members that have not said yet what they have of it, since a former owner is gone.</summary>
    public HashSet<MemberId> Recovering { get; } = [];

    /// <summary>Members that said what they have of it.</summary>
    public HashSet<MemberId> RecoveredFrom { get; } = [];

    /// <summary>When all leases that it waits for have ended.</summary>
    public TimeSpan ClearAt { get; set; } = ViewTiming.LongAgo;

    /// <summary>The latest view in which anybody acquired it of whom this node has the records.</summary>
    public long RecordsOf { get; set; }

    /// <summary>What waits for it to be acquired, in order.</summary>
    public Queue<SlotItem> Held { get; } = new();

    /// <summary>Where actors are that are not at the owner by rule. Kept by a former owner until the view in which it lost the slot is settled.</summary>
    public Dictionary<ActorId, Directions> Records { get; } = [];

    // As former owner.

    /// <summary>The shell has been asked what lives here, and has not answered yet.</summary>
    public bool IsLettingGo { get; set; }

    /// <summary>In which view it was lost; 0: not, or settled since.</summary>
    public long LostIn { get; set; }

    // As host of actors without owning the slot.

    /// <summary>Actors that are here though the slot is not owned, or was not when they came.</summary>
    public Dictionary<ActorId, Guest> Guests { get; } = [];

    /// <summary>Guests that ended, until the owner has heard it.</summary>
    public HashSet<ActorId> Endings { get; } = [];

    // As sender.

    private LinkedListNode<SlotItem>? _firstOwn;

    /// <summary>The node that requests were sent to before the present owner, while that way is being flushed; nobody otherwise.</summary>
    public MemberId Via { get; set; }

    /// <summary>The first token of the flush; any later one proves as much.</summary>
    public long FirstToken { get; set; }

    /// <summary>Since when requests are held for a flush.</summary>
    public TimeSpan FlushedSince { get; set; }

    /// <summary>The view that must be installed before the way can be judged: of who answered a flush.</summary>
    public long HoldsUntil { get; set; }

    /// <summary>What waits for the flush, in order.</summary>
    public LinkedList<SlotItem> Outgoing { get; } = [];

    /// <summary>How much of it came from which node.</summary>
    public Dictionary<MemberId, int> OutgoingFrom { get; } = [];

    /// <summary>
    /// Holds something behind all that is held for the flush, but before what was made here: that is the newest of its callers, and what others pass on may be of the same callers, sent by an earlier way.
    /// </summary>
    public void Hold(in SlotItem item)
    {
        if (item.IsMadeHere)
        {
            LinkedListNode<SlotItem> node = Outgoing.AddLast(item);
            _firstOwn ??= node;
        }
        else if (_firstOwn is { } first)
        {
            Outgoing.AddBefore(first, item);
        }
        else
        {
            Outgoing.AddLast(item);
        }

        OutgoingFrom[item.From] = OutgoingFrom.GetValueOrDefault(item.From) + 1;
    }

    /// <summary>Holds something before all that is held for the flush.</summary>
    public void HoldFirst(IReadOnlyList<SlotItem> items)
    {
        for (int at = items.Count - 1; at >= 0; at--)
        {
            Outgoing.AddFirst(items[at]);
            OutgoingFrom[items[at].From] = OutgoingFrom.GetValueOrDefault(items[at].From) + 1;
        }
    }

    /// <summary>Takes one thing out of what is held for the flush.</summary>
    public void Drop(LinkedListNode<SlotItem> node)
    {
        _firstOwn = node == _firstOwn ? node.Next : _firstOwn;
        Outgoing.Remove(node);
        MemberId from = node.Value.From;
        if (--OutgoingFrom[from] == 0)
        {
            OutgoingFrom.Remove(from);
        }
    }

    /// <summary>Whether anything that came from a node is held for the flush.</summary>
    public bool Holds(in MemberId from) => OutgoingFrom.ContainsKey(from);

    /// <summary>Takes all that is held for the flush, which is over.</summary>
    public SlotItem[] EndFlush()
    {
        SlotItem[] items = [.. Outgoing];
        Outgoing.Clear();
        _firstOwn = null;
        OutgoingFrom.Clear();
        Via = default;
        HoldsUntil = 0;
        return items;
    }

    /// <summary>Whether what is sent waits for a flush.</summary>
    public bool IsHolding => !Via.IsNone;

    /// <summary>Whether nothing about it needs the core.</summary>
    public bool IsSteady => !IsAwaiting && !IsLettingGo && LostIn == 0 && !IsHolding && Records.Count == 0 && Guests.Count == 0 && Endings.Count == 0;
}

/// <summary>A request, or a message that goes the way of requests, and which node it came from; this one if it was made here.</summary>
/// <param name="From">The node.</param>
/// <param name="What">The request or message.</param>
/// <param name="IsMadeHere">Whether it is a request of a caller here that was on no way yet.</param>
internal readonly record struct SlotItem(MemberId From, object What, bool IsMadeHere = false);

/// <summary>Where one actor is, as the owner of its slot knows it.</summary>
internal sealed class Directions(MemberId host, long fence)
{
    public MemberId Host { get; } = host;

    public long Fence { get; } = fence;

    /// <summary>The former owner whose requests for it may still be on their way there.</summary>
    public MemberId Through { get; set; }

    /// <summary>Whether that way is being flushed.</summary>
    public bool IsFlushing { get; set; }

    /// <summary>It ended there: what was on its way to it comes back first.</summary>
    public bool IsEnding { get; set; }

    /// <summary>The number under which the host was told that nothing more follows; 0: it was not.</summary>
    public long CloseNumber { get; set; }

    /// <summary>The host itself said so.</summary>
    public bool IsFromHost { get; set; }

    /// <summary>When the host is gone: the end of its lease.</summary>
    public TimeSpan ClearAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>Whether this node sent requests there.</summary>
    public bool IsUsed { get; set; }

    /// <summary>What came back from the host.</summary>
    public Queue<SlotItem> Returned { get; } = new();

    /// <summary>What waits behind that.</summary>
    public Queue<SlotItem> Held { get; } = new();

    /// <summary>Whether requests can go there now.</summary>
    public bool IsReady => !IsEnding && Through.IsNone && ClearAt == TimeSpan.MaxValue;

    public ActorRecord ToRecord(ActorId id, int slot, MemberId through) => new(id, slot, Host, Fence, through, IsEnding);
}

/// <summary>An actor that is here without the slot.</summary>
internal sealed class Guest(long fence, uint stay)
{
    public long Fence { get; } = fence;

    /// <summary>Its number: each stay of an actor on this node has its own, so that who knows of one does not take the next for it.</summary>
    public uint Stay { get; } = stay;

    /// <summary>It is to end as soon as its turns have.</summary>
    public bool IsDraining { get; set; }

    /// <summary>When its turns' tokens are cancelled.</summary>
    public TimeSpan CancelAt { get; set; } = TimeSpan.MaxValue;
}
