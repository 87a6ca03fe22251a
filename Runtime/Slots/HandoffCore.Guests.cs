using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>
/// The host's part: actors that are here without their slot, because they were placed here or were busy when the slot was lost. When one ends, the owner is told on the way of requests, then gets what its mailbox held,
/// then whatever still arrives for it, and, once the owner has said that nothing more follows, that nothing more comes back.
/// </summary>
internal sealed partial class HandoffCore
{
    /// <summary>
    /// An activation has ended, <c>OnDeactivateAsync</c> included, and left this in its mailbox, in order. Called for every guest, and for every other that left anything or whose slot is not
    /// <see cref="SlotState.Owned"/>.
    /// </summary>
    public void Ended(TimeSpan now, in ActorId id, int slot, IReadOnlyList<SlotRequest> left)
    {
        if (GroupOf(id.ClassName) is { } group)
        {
            End(now, group, id, slot, left);
        }
        else
        {
            foreach (SlotRequest request in left)
            {
                Refuse(request, Refusal.NoHost);
            }
        }

        AfterStep(now);
    }

    /// <summary>Whether an actor is here without its slot, and has been asked to end.</summary>
    public bool IsDraining(in ActorId id, int slot) => GroupOf(id.ClassName)?.Cells[slot] is { } cell && cell.Guests.TryGetValue(id, out Guest? guest) && guest.IsDraining;

    private void End(TimeSpan now, TypeGroup group, in ActorId id, int slot, IReadOnlyList<SlotRequest> left)
    {
        SlotCell? cell = group.Cells[slot];
        bool wasGuest = cell is not null && cell.Guests.Remove(id, out Guest? guest) && Count(guest);
        wasGuest |= cell is { IsLettingGo: true } && left.Count > 0; // It ended before it could be named: the new owner is told with the release that something of it is under way.
        List<SlotItem> items = [.. left.Select(static request => new SlotItem(default, request))];
        if (group.IsOwned[slot])
        {
            if (wasGuest && cell!.Records.TryGetValue(id, out Directions? directions) && directions.Host == Self)
            {
                cell.Records.Remove(id);
            }

            Touch(group, slot);
            items.ForEach(item => Assign(now, group, item, slot));
        }
        else if (cell is { IsAwaiting: true })
        {
            Touch(group, slot);
            items.ForEach(static item => ((SlotRequest)item.What).IsReturned = true); // As what a former owner still sends to it by record, and older than that.
            SlotItem[] later = [.. cell.Held];
            cell.Held.Clear();
            _held += items.Count;
            items.AddRange(later);
            items.ForEach(cell.Held.Enqueue);
        }
        else
        {
            items.ForEach(static item => ((SlotRequest)item.What).IsReturned = true);
            if (wasGuest)
            {
                Touch(group, slot);
                cell!.Endings.Add(id);
                items.Insert(0, new SlotItem(Self, new Unregister(Epoch, id, slot, Self, HandoffLimits.MessageHopsMax)));
            }

            if (cell is { IsHolding: true })
            {
                // Older than anything of the same actor that is held.
                _held += items.Count;
                cell.HoldFirst(items);
            }
            else
            {
                items.ForEach(item => Pass(now, group, item, slot));
            }
        }

        bool Count(Guest? guest)
        {
            _draining -= guest is { IsDraining: true } ? 1 : 0;
            return true;
        }
    }

    /// <summary>The owner, present or former, sent a request here because it has on record that the actor is here.</summary>
    private void ReceiveAsHost(TimeSpan now, TypeGroup group, in MemberId from, SlotRequest request)
    {
        if (group.Cells[request.Slot] is { } cell && cell.Guests.TryGetValue(request.Id, out Guest? guest))
        {
            Run(request, guest.Fence);
            return;
        }

        Send(from, new Absent(Epoch, request.Id, request.Slot));
        request.ByRecord = false;
        request.IsReturned = true;
        if (group.Cells[request.Slot] is { IsHolding: true } holding)
        {
            // Behind what the actor left, which waits here, and behind what came like this before and was sent back on the way that is being flushed. It counts for nobody: what a former owner sent by record is no part of what
            // it flushes.
            HoldForFlush(holding, new SlotItem(default, request));
            return;
        }

        Arrive(now, group, new SlotItem(from, request), request.Slot);
    }

    private void HandlePlace(TypeGroup group, in MemberId from, Place place)
    {
        if (!_history!.Installed.Contains(from))
        {
            return; // A client owns nothing that it could place.
        }

        bool isLate = place.Epoch < _refusesBelow;
        bool isLeaving = !_history.Installed.TryFind(Self, out Member? own) || own.State == MemberState.Leaving;
        if (isLate || isLeaving || group.IsOwned[place.Slot])
        {
            Send(from, new Absent(Epoch, place.Id, place.Slot));
            return;
        }

        SlotCell cell = CellOf(group, place.Slot);
        cell.Guests.TryAdd(place.Id, new Guest(place.Fence, ++_lastStay));
        cell.Endings.Remove(place.Id);
    }

    private void HandleEnd(TypeGroup group, in ActorId id, int slot)
    {
        if (group.Cells[slot] is { } cell && cell.Guests.ContainsKey(id))
        {
            _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.End, Id: id));
        }
    }

    private void HandleLast(TimeSpan now, TypeGroup group, in MemberId from, Last last)
    {
        SlotCell? cell = group.Cells[last.Slot];
        bool isHere = cell is not null && cell.Guests.ContainsKey(last.Id);
        if (!isHere && cell is not null && cell.Endings.Remove(last.Id))
        {
            Touch(group, last.Slot);
        }

        if (last.Number != 0)
        {
            SendOn(now, group, new SlotItem(Self, new Closed(Epoch, last.Id, last.Slot, Self, from, last.Number, isHere, HandoffLimits.MessageHopsMax)), last.Slot);
        }
    }

    private void HandleFlushRecord(FlushRecord flush)
    {
        if (flush.Host == Self)
        {
            Send(flush.Origin, new RecordFlushed(Epoch, flush.Id, flush.Slot, flush.Through));
        }
        else
        {
            Send(flush.Host, flush with { Epoch = Epoch, Through = Self });
        }
    }
}
