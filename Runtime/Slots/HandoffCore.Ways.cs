using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>
/// The ways of requests to slots, and their order when a way changes: a sender holds what it has for the slot and sends a <see cref="Flush"/> behind all that it sent to the old owner. It goes the way of requests, behind
/// them, to whoever owns the slot, who answers the sender.
/// </summary>
/// <remarks>
/// A node that holds for a flush of its own lets two things pass: what comes from the node that it flushes through, since that is older than what it holds; and flushes of nodes of which it holds nothing, on the old way,
/// behind what it sent there for them. So two nodes whose ways crossed do not wait for each other. Of what it holds, requests that were made here are last: what others pass on may have been made here, too, before them.
/// </remarks>
internal sealed partial class HandoffCore
{
    /// <summary>A new owner: whoever sent to the old one flushes that way first, unless the old one is gone or it was this node.</summary>
    private void ChangeWay(TimeSpan now, TypeGroup group, int slot, in MemberId before)
    {
        bool isUsed = group.IsUsed[slot];
        group.IsUsed[slot] = false;
        if (isUsed && !before.IsNone && before != Self && _rules.FlushesOldRoute && group.Cells[slot] is not { IsHolding: true } && _history!.Installed.Contains(before))
        {
            StartFlush(now, CellOf(group, slot), before);
        }
    }

    private void StartFlush(TimeSpan now, SlotCell cell, in MemberId via)
    {
        cell.Via = via;
        cell.HoldsUntil = 0;
        cell.FlushedSince = now;
        cell.FirstToken = _lastToken + 1;
        SendFlush(cell);
        Touch(cell.Group, cell.Slot);
    }

    private void SendFlush(SlotCell cell) => Send(cell.Via, new Flush(Epoch, cell.Group.Types, cell.Slot, Self, ++_lastToken, HandoffLimits.MessageHopsMax));

    /// <summary>Of a way that is being flushed: whether it can be left now.</summary>
    private void Judge(TimeSpan now, SlotCell cell)
    {
        if (!_history!.Installed.Contains(cell.Via))
        {
            // Gone: no order is promised across that.
            Switch(now, cell);
        }
        else if (cell.HoldsUntil != 0 && cell.HoldsUntil <= Epoch)
        {
            Reached(now, cell, cell.Via, cell.HoldsUntil);
        }
    }

    private void HandleFlushed(TimeSpan now, TypeGroup group, int slot, in MemberId by, long epoch, long token)
    {
        if (group.Cells[slot] is { IsHolding: true, HoldsUntil: 0 } cell && token >= cell.FirstToken)
        {
            Reached(now, cell, by, epoch);
        }
    }

    /// <summary>All that was sent before the flush is at a node, the owner in its view.</summary>
    private void Reached(TimeSpan now, SlotCell cell, in MemberId at, long epoch)
    {
        if (at == Self || at == cell.Group.OwnerOf(cell.Slot))
        {
            Switch(now, cell);
        }
        else if (epoch > Epoch)
        {
            cell.Via = at;
            cell.HoldsUntil = epoch;
        }
        else
        {
            StartFlush(now, cell, at);
        }
    }

    /// <summary>Takes the way to the present owner.</summary>
    private void Switch(TimeSpan now, SlotCell cell)
    {
        SlotItem[] items = cell.EndFlush();
        Touch(cell.Group, cell.Slot);
        _held -= items.Length;
        foreach (SlotItem item in items)
        {
            Pass(now, cell.Group, item, cell.Slot);
        }
    }

    /// <summary>A request that no other node passes on here takes the way to the owner.</summary>
    private void Begin(TimeSpan now, in SlotItem item)
    {
        var request = (SlotRequest)item.What;
        if (GroupOf(request.Id.ClassName) is { } group)
        {
            SendOn(now, group, item, request.Slot);
        }
        else
        {
            Refuse(request, Refusal.NoHost);
        }
    }

    /// <summary>Something of this node takes the way to the owner.</summary>
    private void SendOn(TimeSpan now, TypeGroup group, in SlotItem item, int slot)
    {
        if (group.Cells[slot] is { IsHolding: true } cell)
        {
            HoldForFlush(cell, item);
        }
        else
        {
            Pass(now, group, item, slot);
        }
    }

    /// <summary>Something of another node takes the way to the owner, or has arrived there.</summary>
    private void Arrive(TimeSpan now, TypeGroup group, in SlotItem item, int slot)
    {
        SlotCell? cell = group.Cells[slot];
        if (item.What is Flush own && own.Origin == Self)
        {
            if (!HasLeft(Self, own.Token) && cell is { IsHolding: true, HoldsUntil: 0 } && own.Token >= cell.FirstToken)
            {
                Reached(now, cell, Self, Epoch);
            }
        }
        else if (cell is not { IsHolding: true } || (item.From == cell.Via && !cell.Holds(item.From)))
        {
            Pass(now, group, item, slot);
        }
        else if (item.What is Flush && !cell.Holds(item.From))
        {
            Transmit(group, cell.Via, item, slot);
        }
        else
        {
            HoldForFlush(cell, item);
        }
    }

    private void HoldForFlush(SlotCell cell, in SlotItem item)
    {
        if (item.What is SlotRequest request && _held >= HandoffLimits.HeldMax)
        {
            Refuse(request, Refusal.Overloaded);
            return;
        }

        _held++;
        cell.Hold(item);
    }

    /// <summary>To the owner in the installed view.</summary>
    private void Pass(TimeSpan now, TypeGroup group, in SlotItem item, int slot)
    {
        MemberId owner = group.OwnerOf(slot);
        if (owner == Self)
        {
            Accept(now, group, item, slot);
        }
        else if (!owner.IsNone)
        {
            if (!group.IsUsed[slot])
            {
                group.IsUsed[slot] = true;
                Touch(group, slot);
            }

            Transmit(group, owner, item, slot);
        }
        else if (item.What is SlotRequest request)
        {
            Refuse(request, Refusal.NoHost);
        }
    }

    /// <summary>
    /// Requests that were to go to a node, and were never sent since there was no connection to it; now it is gone from the view that is about to be installed. They are older than whatever is held behind a flush through it, or
    /// behind its record of the actor.
    /// </summary>
    /// <param name="gone">The node.</param>
    /// <param name="requests">In order.</param>
    /// <param name="epoch">The view.</param>
    public void TakeBack(in MemberId gone, IReadOnlyList<SlotRequest> requests, long epoch)
    {
        MemberId via = gone;
        foreach (IGrouping<SlotCell?, SlotRequest> part in requests.GroupBy(request => !request.ByRecord && GroupOf(request.Id.ClassName)?.Cells[request.Slot] is { IsHolding: true } cell && cell.Via == via ? cell : null))
        {
            if (part.Key is { } held)
            {
                SlotItem[] items = [.. part.Select(request => new SlotItem(Self, request))];
                _held += items.Length;
                held.HoldFirst(items);
                continue;
            }

            foreach (SlotRequest request in part)
            {
                request.IsReturned |= request.ByRecord;
                request.ByRecord = false;
                HoldAhead(default, epoch, request); // Let in with the view.
            }
        }
    }

    private void Transmit(TypeGroup group, in MemberId to, in SlotItem item, int slot)
    {
        switch (item.What)
        {
            case SlotRequest request when item.From != Self && request.HopsLeft == 0:
                Refuse(request, Refusal.TooManyHops);
                break;
            case SlotRequest request:
                request.HopsLeft -= item.From != Self ? 1 : 0;
                request.ByRecord = false;
                request.Stay = 0;
                _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Forward, to, Request: request, Group: group, Number: slot));
                break;
            case Flush { HopsLeft: > 0 } flush:
                Send(to, flush with { Epoch = Epoch, HopsLeft = flush.HopsLeft - 1 });
                break;
            case Unregister { HopsLeft: > 0 } unregister:
                Send(to, unregister with { Epoch = Epoch, HopsLeft = unregister.HopsLeft - 1 });
                break;
            case Closed { HopsLeft: > 0 } closed:
                Send(to, closed with { Epoch = Epoch, HopsLeft = closed.HopsLeft - 1 });
                break;
        }
    }
}
