using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>Slots that this node lost: what lives there still is told to the new owner with the release, so that the slot waits for no turn; and what this node has of a dead owner's slots.</summary>
internal sealed partial class HandoffCore
{
    private long _lastSeries;
    private long _refusesBelow = long.MinValue;

    /// <summary>Answers <see cref="HandoffOutputKind.LetGo"/>: every activation of the slot, running or not. They are guests from now on, until <see cref="Ended"/>.</summary>
    public void LetGo(TimeSpan now, TypeGroup group, int slot, IReadOnlyList<ActorId> alive)
    {
        // The group may have been split since it was asked; then it was asked for each part.
        if (!group.IsVoid && group.Cells[slot] is { IsLettingGo: true } cell)
        {
            cell.IsLettingGo = false;
            _lettingGo--;
            foreach (ActorId id in alive)
            {
                if (cell.Guests.TryGetValue(id, out Guest? guest))
                {
                    if (_history!.Installed.TryFind(Self, out Member? own) && own.State == MemberState.Leaving)
                    {
                        Drain(now, id, guest);
                    }
                }
                else
                {
                    cell.Guests.Add(id, guest = new Guest(group.Acquired[slot], ++_lastStay));
                    Drain(now, id, guest);
                }
            }

            Touch(group, slot);
        }

        AfterStep(now);
    }

    private void Drain(TimeSpan now, in ActorId id, Guest guest)
    {
        if (!guest.IsDraining)
        {
            guest.IsDraining = true;
            guest.CancelAt = now + _timing.Drain;
            _draining++;
            _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.End, Id: id));
        }
    }

    /// <summary>A node that leaves keeps nobody.</summary>
    private void DrainGuests(TimeSpan now)
    {
        foreach (SlotCell cell in _work)
        {
            foreach ((ActorId id, Guest guest) in cell.Guests)
            {
                Drain(now, id, guest);
            }
        }
    }

    private void HandleAskRelease(in MemberId from, AskRelease ask)
    {
        if (ask.Epoch < Epoch)
        {
            Send(from, new Superseded(Epoch));
            return;
        }

        List<SlotSection> sections = [];
        List<ActorRecord> records = [];
        foreach (SlotSection section in ask.Sections)
        {
            foreach (TypeGroup group in GroupsOf(section.Types))
            {
                // Both know the same view, so no right node asks for what it does not own there.
                MemberId asker = from;
                List<int> slots = [.. SlotRange.SlotsOf(section.Ranges).Where(slot => slot < _slots && group.OwnerOf(slot) == asker && !group.IsOwned[slot])];
                foreach (IGrouping<(long Acquired, bool IsForgotten), int> part in slots.GroupBy(slot => (group.Acquired[slot], group.Forgot[slot] != 0)))
                {
                    sections.Add(new SlotSection(group.Types, SlotRange.Of(part), part.Key.Acquired, part.Key.IsForgotten));
                }

                foreach (int slot in slots)
                {
                    if (group.Cells[slot] is { } cell)
                    {
                        AddGuests(cell, records);
                        AddRecords(cell, records);
                    }
                }
            }
        }

        long series = ++_lastSeries;
        MemberId to = from;
        SendParts(records, (part, isLast, some) => Send(to, new Released(Epoch, series, part, isLast, isLast ? sections : [], some)));
    }

    private void HandleRecover(in MemberId from, Recover recover)
    {
        if (recover.Epoch < Epoch)
        {
            Send(from, new Superseded(Epoch));
            return;
        }

        _refusesBelow = Math.Max(_refusesBelow, recover.Epoch);
        List<ActorRecord> records = [];
        foreach (SlotSection section in recover.Sections)
        {
            foreach (TypeGroup group in GroupsOf(section.Types))
            {
                foreach (int slot in SlotRange.SlotsOf(section.Ranges))
                {
                    if (slot < _slots && group.Cells[slot] is { } cell)
                    {
                        AddGuests(cell, records);
                    }
                }
            }
        }

        long series = ++_lastSeries;
        MemberId to = from;
        SendParts(records, (part, isLast, some) => Send(to, new Recovered(Epoch, series, part, isLast, isLast ? recover.Sections : [], some)));
    }

    /// <summary>What lives here without the slot, and what ended here and has not been closed.</summary>
    private void AddGuests(SlotCell cell, List<ActorRecord> records)
    {
        if (!_rules.TellsBusy)
        {
            return;
        }

        foreach ((ActorId id, Guest guest) in cell.Guests)
        {
            records.Add(new ActorRecord(id, cell.Slot, Self, guest.Fence, default, IsEnding: false));
        }

        foreach (ActorId id in cell.Endings)
        {
            records.Add(new ActorRecord(id, cell.Slot, Self, 0, default, IsEnding: true));
        }
    }

    private void AddRecords(SlotCell cell, List<ActorRecord> records)
    {
        if (!_rules.RecordsMove)
        {
            return;
        }

        foreach ((ActorId id, Directions directions) in cell.Records)
        {
            if (directions.Host != Self)
            {
                records.Add(directions.ToRecord(id, cell.Slot, directions.IsUsed ? Self : directions.Through));
            }
        }
    }

    private static void SendParts(List<ActorRecord> records, Action<int, bool, IReadOnlyList<ActorRecord>> send)
    {
        int part = 0;
        for (int from = 0; from < records.Count || part == 0; from += HandoffLimits.RecordsPerFrameMax)
        {
            int count = Math.Min(HandoffLimits.RecordsPerFrameMax, records.Count - from);
            send(part++, from + count >= records.Count, records.GetRange(from, count));
        }
    }
}
