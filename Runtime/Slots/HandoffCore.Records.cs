using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>
/// The owner's part: an actor runs here, by rule; or a record says where it is, because it was placed there by choice or because it was still busy at a former owner. A record ends when its host said that the actor
/// ended and all that was on its way there has come back; only then may the actor be anywhere else.
/// </summary>
/// <remarks>
/// <b>What came back is older than what waits.</b> An owner sends what it has for an actor to the host until it hears that the actor ended, and holds the rest; so whatever the host sends back goes before it. What comes
/// back is itself that word: <see cref="Unregister"/> and it may have taken different ways, since a host whose own way to the slot is being flushed holds the one and passes the other on, and an owner that holds for a flush
/// of its own lets pass only what comes from the node that it flushes through. A wrong guess costs a question, since the host answers <see cref="Last"/> with whether the actor is there.
/// </remarks>
internal sealed partial class HandoffCore
{
    private readonly Dictionary<ActorId, (int Slot, MemberId To)> _moves = [];
    private long _lastCloseNumber;

    /// <summary>Whether as many actors were told to move, and not called since, as may be.</summary>
    public bool IsFullOfMoves => _moves.Count >= HandoffLimits.MovesMax;

    /// <summary>Moves a recorded actor to a member, or back to the owner of its slot: it ends where it is as its turns have ended, and the next request finds it there. One that is there stays as it is. Only at the owner.</summary>
    /// <remarks>That is remembered until then, as long as the slot is this node's: of <see cref="HandoffLimits.MovesMax"/> actors at most.</remarks>
    /// <returns>False if the actor's slot is not owned here, nothing is recorded of it, or too many wait for their next request.</returns>
    public bool Move(TimeSpan now, in ActorId id, int slot, in MemberId to)
    {
        if (GroupOf(id.ClassName) is not { } group || !group.IsOwned[slot])
        {
            return false;
        }

        if (group.Cells[slot]?.Records.GetValueOrDefault(id) is not { IsEnding: false } directions)
        {
            if (!_moves.ContainsKey(id))
            {
                return false;
            }

            _moves[id] = (slot, to); // It is on its way, or was not called since: the last word counts.
            return true;
        }

        if (directions.Host == to && !_moves.ContainsKey(id))
        {
            return true;
        }

        if (IsFullOfMoves && !_moves.ContainsKey(id))
        {
            return false;
        }

        _moves[id] = (slot, to);
        if (directions.Host == Self)
        {
            _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.End, Id: id));
        }
        else
        {
            Send(directions.Host, new Messages.End(Epoch, id, slot));
        }

        AfterStep(now);
        return true;
    }

    /// <summary>Where actors of slots that were just lost were to be at their next request is not for this node to say any more.</summary>
    private void ForgetMoves()
    {
        foreach ((ActorId id, (int slot, _)) in _moves)
        {
            if (GroupOf(id.ClassName)?.IsOwned[slot] != true)
            {
                _moves.Remove(id);
            }
        }
    }

    /// <summary>Something for the slot has arrived at its owner.</summary>
    private void Accept(TimeSpan now, TypeGroup group, in SlotItem item, int slot)
    {
        SlotCell? cell = group.Cells[slot];
        if (item.What is Flush flush)
        {
            // Whatever comes after this from the one who flushes lines up behind what came before, acquired or not.
            Send(flush.Origin, new Flushed(Epoch, group.Types, slot, flush.Token));
        }
        else if (group.IsOwned[slot])
        {
            Assign(now, group, item, slot);
        }
        else if (cell is { IsAwaiting: true })
        {
            Hold(cell.Held, item);
            Touch(group, slot);
        }
    }

    private void Assign(TimeSpan now, TypeGroup group, in SlotItem item, int slot)
    {
        SlotCell? cell = group.Cells[slot];
        switch (item.What)
        {
            case Unregister unregister:
                HandleUnregister(now, cell, unregister);
                break;
            case Closed closed:
                HandleClosed(now, cell, closed);
                break;
            case SlotRequest request when cell is not null && cell.Guests.TryGetValue(request.Id, out Guest? guest):
                Run(request, guest.Fence);
                break;
            case SlotRequest request when cell is not null && cell.Records.TryGetValue(request.Id, out Directions? directions):
                Direct(now, cell, request, directions, item);
                break;
            case SlotRequest { IsRecorded: true } request:
                PlaceAnew(group, request, item);
                break;
            case SlotRequest request:
                Run(request, Epoch);
                break;
        }
    }

    private void PlaceAnew(TypeGroup group, SlotRequest request, in SlotItem item)
    {
        if (group.Cells[request.Slot] is { Records.Count: >= HandoffLimits.RecordsPerSlotMax })
        {
            Refuse(request, Refusal.Overloaded);
            return;
        }

        MemberId host = _moves.Remove(request.Id, out (int Slot, MemberId To) moved) && MayHost(moved.To, request.Id) ? moved.To
            : MayHost(request.Preferred, request.Id) ? request.Preferred
            : request.IsPinned ? default
            : Self;
        if (host.IsNone)
        {
            Refuse(request, Refusal.NoHost);
            return;
        }

        SlotCell cell = CellOf(group, request.Slot);
        Directions directions = new(host, Epoch);
        cell.Records.Add(request.Id, directions);
        if (host == Self)
        {
            cell.Guests[request.Id] = new Guest(Epoch, ++_lastStay);
            Run(request, Epoch);
        }
        else
        {
            Send(host, new Place(Epoch, request.Id, request.Slot, Epoch));
            ForwardTo(directions, request, item);
        }
    }

    private bool MayHost(in MemberId id, in ActorId actor) => _history!.Installed.TryFind(id, out Member? member) && member.State == MemberState.Up && member.HostedTypes.Contains(actor.ClassName);

    private void Direct(TimeSpan now, SlotCell cell, SlotRequest request, Directions directions, in SlotItem item)
    {
        if (directions.Host == Self)
        {
            // A guest that ended without a word of it: only its record is left.
            cell.Records.Remove(request.Id);
            Touch(cell.Group, cell.Slot);
            Assign(now, cell.Group, item, cell.Slot);
        }
        else if (request.IsReturned)
        {
            // The actor was not where it is on record, whether or not word of that has come: by another way it may come later than this. The host is asked before anything ends.
            directions.IsEnding = true;
            Hold(directions.Returned, item);
            Proceed(now, cell, request.Id, directions);
        }
        else if (directions.IsReady)
        {
            ForwardTo(directions, request, item);
        }
        else
        {
            Hold(directions.Held, item);
            Proceed(now, cell, request.Id, directions);
        }
    }

    private void ForwardTo(Directions directions, SlotRequest request, in SlotItem item)
    {
        if (item.From != Self && request.HopsLeft == 0)
        {
            Refuse(request, Refusal.TooManyHops);
            return;
        }

        request.HopsLeft -= item.From != Self ? 1 : 0;
        request.ByRecord = true;
        request.Stay = 0;
        request.IsReturned = false;
        directions.IsUsed = true;
        _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.Forward, directions.Host, Request: request));
    }

    /// <summary>Takes a record on: first what a former owner sent is to be there, then requests go there; or, if the actor has ended, what was on its way is to come back.</summary>
    private void Proceed(TimeSpan now, SlotCell cell, in ActorId id, Directions directions, bool isRetry = false)
    {
        if (directions.ClearAt != TimeSpan.MaxValue)
        {
            if (now >= directions.ClearAt)
            {
                EndRecord(now, cell, id, directions);
            }
            else
            {
                _clearAt = Earlier(_clearAt, directions.ClearAt);
            }
        }
        else if (!directions.Through.IsNone)
        {
            bool isNeeded = directions.IsEnding || directions.Held.Count > 0;
            if (isNeeded && (!directions.IsFlushing || isRetry))
            {
                directions.IsFlushing = true;
                Send(directions.Through, new FlushRecord(Epoch, id, cell.Slot, Self, directions.Host, directions.Through));
            }
        }
        else if (directions.IsEnding && !_rules.ClosesBehindReturned)
        {
            EndRecord(now, cell, id, directions);
        }
        else if (directions.IsEnding)
        {
            if (directions.CloseNumber == 0 || isRetry)
            {
                directions.CloseNumber = directions.CloseNumber == 0 ? ++_lastCloseNumber : directions.CloseNumber;
                Send(directions.Host, new Last(Epoch, id, cell.Slot, directions.CloseNumber));
            }
        }
        else
        {
            while (directions.Held.TryDequeue(out SlotItem item))
            {
                _held--;
                ForwardTo(directions, (SlotRequest)item.What, item);
            }
        }
    }

    private void HandleRecordFlushed(TimeSpan now, TypeGroup group, RecordFlushed flushed)
    {
        if (group.IsOwned[flushed.Slot] && group.Cells[flushed.Slot] is { } cell && cell.Records.TryGetValue(flushed.Id, out Directions? directions) && directions.Through == flushed.Through)
        {
            directions.Through = default;
            directions.IsFlushing = false;
            Proceed(now, cell, flushed.Id, directions);
        }
    }

    private void HandleUnregister(TimeSpan now, SlotCell? cell, Unregister unregister)
    {
        if (unregister.Host == Self)
        {
            return; // Of before the slot was this node's. What has come here since is not meant, and what is here this node knows.
        }

        if (cell is not null && cell.Records.TryGetValue(unregister.Id, out Directions? directions) && directions.Host == unregister.Host)
        {
            directions.IsEnding = true;
            Proceed(now, cell, unregister.Id, directions);
        }
        else
        {
            // Nothing is known of it here: so nothing is on its way there.
            Send(unregister.Host, new Last(Epoch, unregister.Id, unregister.Slot, 0));
        }
    }

    private void HandleAbsent(TimeSpan now, TypeGroup group, in MemberId from, in ActorId id, int slot)
    {
        if (group.IsOwned[slot] && group.Cells[slot] is { } cell && cell.Records.TryGetValue(id, out Directions? directions) && directions.Host == from)
        {
            directions.IsEnding = true;
            Proceed(now, cell, id, directions);
        }
    }

    private void HandleClosed(TimeSpan now, SlotCell? cell, Closed closed)
    {
        if (closed.Number == 0 || closed.Owner != Self || cell is null || !cell.Records.TryGetValue(closed.Id, out Directions? directions) || directions.Host != closed.Host || directions.CloseNumber != closed.Number)
        {
            return;
        }

        if (!closed.IsHere)
        {
            EndRecord(now, cell, closed.Id, directions);
            return;
        }

        directions.IsEnding = false;
        directions.CloseNumber = 0;
        SlotItem[] later = [.. directions.Held];
        directions.Held.Clear();
        foreach (SlotItem item in directions.Returned.Concat(later))
        {
            directions.Held.Enqueue(item);
        }

        directions.Returned.Clear();
        Proceed(now, cell, closed.Id, directions);
    }

    /// <summary>The actor is nowhere: what came back, then what waited, finds it anew.</summary>
    private void EndRecord(TimeSpan now, SlotCell cell, in ActorId id, Directions directions)
    {
        cell.Records.Remove(id);
        Touch(cell.Group, cell.Slot);
        SlotItem[] items = [.. directions.Returned, .. directions.Held];
        directions.Returned.Clear();
        directions.Held.Clear();
        foreach (SlotItem item in items)
        {
            _held--;
            ((SlotRequest)item.What).IsReturned = false;
            Assign(now, cell.Group, item, cell.Slot);
        }
    }

    /// <summary>A host that is gone: its lease must have ended before the actor may be anywhere else.</summary>
    private void NoteGoneHost(Directions directions)
    {
        if (directions.Host != Self && directions.ClearAt == TimeSpan.MaxValue && !_history!.Installed.Contains(directions.Host))
        {
            directions.ClearAt = _history.ClearAt(directions.Host);
            directions.IsEnding = true;
        }
    }

    private void Hold(Queue<SlotItem> queue, in SlotItem item)
    {
        if (item.What is SlotRequest request && _held >= HandoffLimits.HeldMax)
        {
            Refuse(request, Refusal.Overloaded);
            return;
        }

        _held++;
        queue.Enqueue(item);
    }
}
