using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What a new view changes: slots are lost and gained, ways to slots change, nodes are gone.</summary>
internal sealed partial class HandoffCore
{
    /// <summary>Installs a view; views in between may have been skipped.</summary>
    public void Install(TimeSpan now, ViewHistory history)
    {
        Invariant.Holds(history.Installed.Epoch > Epoch, "epochs only rise");
        long before = Epoch;
        _isFirst = _history is null;
        _history = history;
        _askers.Clear(); // They ask again, in this view.
        AskAgainSoon(now);
        SlotMap[] maps = new SlotMap[history.Views.Count];
        for (int at = 0; at < maps.Length; at++)
        {
            maps[at] = SlotMap.Of(history.Views[at], _slots, at == 0 ? _map : maps[at - 1]);
        }

        _map = maps[^1];
        Regroup(maps);
        foreach (TypeGroup group in Groups().ToArray())
        {
            group.History = [.. maps.Select(map => map[group.Types[0]])];
            InstallGroup(now, group, before);
        }

        ForgetMoves();
        foreach (SlotCell cell in _work.ToArray())
        {
            InstallCell(now, cell);
        }

        Settle(now, history.SettledEpoch);
        if (!history.Installed.TryFind(Self, out Member? own) || own.State == MemberState.Leaving)
        {
            DrainGuests(now);
        }

        Ask(now, isRetry: false);
        ReplayAhead(now);
        AfterStep(now);
    }

    /// <summary>
    /// A view is settled: nobody will be asked any more for what was lost in it or before, and no lease is waited for of who was evicted before it, though this node may have counted from later. What was asked for is waited for
    /// all the same: records come with it.
    /// </summary>
    public void Settled(TimeSpan now, long epoch)
    {
        if (_history?.SettledTo(epoch) is { } settled && settled != _history)
        {
            _history = settled;
            foreach (SlotCell cell in _work.ToArray())
            {
                WaitNoLonger(now, cell);
            }
        }

        Settle(now, epoch);
        AfterStep(now);
    }

    private void WaitNoLonger(TimeSpan now, SlotCell cell)
    {
        foreach (Directions directions in cell.Records.Values)
        {
            if (directions.ClearAt != TimeSpan.MaxValue)
            {
                directions.ClearAt = Earlier(directions.ClearAt, _history!.ClearAt(directions.Host));
            }
        }

        if (cell.IsAwaiting)
        {
            FindFormerOwners(cell);
            TryAcquire(now, cell);
        }
        else if (cell.Group.IsOwned[cell.Slot])
        {
            foreach ((ActorId id, Directions directions) in cell.Records.ToArray())
            {
                Proceed(now, cell, id, directions);
            }
        }
    }

    private void Settle(TimeSpan now, long epoch)
    {
        foreach (SlotCell cell in _work)
        {
            if (cell.LostIn != 0 && cell.LostIn <= epoch && !cell.IsLettingGo)
            {
                cell.LostIn = 0;
                if (!cell.Group.IsOwned[cell.Slot] && !cell.IsAwaiting)
                {
                    cell.Records.Clear();
                }

                Touch(cell.Group, cell.Slot);
            }
        }
    }

    private void InstallGroup(TimeSpan now, TypeGroup group, long epochBefore)
    {
        SlotTable before = group.Owners;
        SlotTable after = group.History[^1];
        if (before == after)
        {
            return;
        }

        // Whoever reads the owners has read a state that says elsewhere: that is taken back first.
        List<int> changed = [];
        for (int slot = 0; slot < _slots; slot++)
        {
            if (before[slot] != after[slot])
            {
                changed.Add(slot);
                group.Publish(slot, SlotState.Ask);
                Touch(group, slot);
            }
        }

        group.Install(after);
        foreach (int slot in changed)
        {
            ChangeWay(now, group, slot, before[slot]);
            if (before[slot] == Self)
            {
                Lose(now, group, slot, epochBefore);
            }
            else if (after[slot] == Self && !group.IsOwned[slot])
            {
                SlotCell cell = CellOf(group, slot);
                cell.IsAwaiting = true;
                foreach (Directions directions in cell.Records.Values)
                {
                    directions.IsFromHost = false;
                }

                cell.RecordsOf = group.Acquired[slot];
                if (group.Forgot[slot] != 0)
                {
                    cell.Forgot[Self] = group.Forgot[slot];
                }

                _awaiting++;
            }
        }
    }

    /// <summary>The slot is somebody else's: what lives here becomes a guest, what waits goes on.</summary>
    private void Lose(TimeSpan now, TypeGroup group, int slot, long epochBefore)
    {
        SlotCell cell = CellOf(group, slot);
        List<SlotItem> waiting = [];
        if (group.IsOwned[slot])
        {
            group.IsOwned[slot] = false;
            cell.LostIn = Epoch;
            if (!cell.IsLettingGo)
            {
                cell.IsLettingGo = true;
                _lettingGo++;
                _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.LetGo, Group: group, Number: slot));
            }

            foreach (Directions directions in cell.Records.Values)
            {
                waiting.AddRange(directions.Returned);
                waiting.AddRange(directions.Held);
                directions.Returned.Clear();
                directions.Held.Clear();
                directions.CloseNumber = 0;
                directions.IsFlushing = false;
            }
        }
        else if (cell.IsAwaiting)
        {
            StopAwaiting(cell);
            group.Forgot[slot] = epochBefore;
            waiting.AddRange(cell.Held);
            cell.Held.Clear();
            if (cell.LostIn == 0)
            {
                cell.Records.Clear();
            }
        }

        _held -= waiting.Count;
        if (cell.IsHolding)
        {
            cell.HoldFirst(waiting);
            _held += waiting.Count;
        }
        else
        {
            waiting.ForEach(item => Pass(now, group, item, slot));
        }
    }

    private void InstallCell(TimeSpan now, SlotCell cell)
    {
        ViewHistory history = _history!;
        if (cell.IsAwaiting)
        {
            FindFormerOwners(cell);
            TryAcquire(now, cell);
        }

        foreach ((ActorId id, Directions directions) in cell.Records.ToArray())
        {
            MemberId through = directions.Through;
            if (!through.IsNone && !history.Installed.Contains(through))
            {
                directions.Through = default;
                directions.IsFlushing = false;
            }

            NoteGoneHost(directions);
            if (cell.Group.IsOwned[cell.Slot])
            {
                Proceed(now, cell, id, directions);
            }
        }

        if (cell.IsHolding)
        {
            Judge(now, cell);
        }
    }

    private void ReplayAhead(TimeSpan now)
    {
        for (int count = _ahead.Count; count > 0; count--)
        {
            (MemberId from, long epoch, object what) = _ahead.Dequeue();
            if (epoch > Epoch)
            {
                _ahead.Enqueue((from, epoch, what));
            }
            else if (what is HandoffMessage message)
            {
                Handle(now, from, message);
            }
            else if (from == Self || from.IsNone)
            {
                Begin(now, new SlotItem(Self, what, IsMadeHere: from == Self)); // From nobody: taken back.
            }
            else
            {
                Receive(now, from, epoch, (SlotRequest)what);
            }
        }
    }
}
