using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>Slots that this node lost: what lives there still is told to the new owner with the release, so that the slot waits for no turn; and what this node has of a dead owner's slots.</summary>
internal sealed partial class HandoffCore
{
    private long _lastSeries;
    private long _refusesBelow = long.MinValue;

    /// <summary>Who asked for slots of the installed view while some of them were being let go: told of each when it is.</summary>
    private readonly HashSet<MemberId> _askers = [];

    /// <summary>
    /// Answers <see cref="HandoffOutputKind.LetGo"/> for some of the slots that it came for: every activation of each, running or not. They are guests from now on, until <see cref="Ended"/>. The slots are released to who asked
    /// for them; none waits for another one.
    /// </summary>
    public void LetGo(TimeSpan now, IReadOnlyList<LostSlot> lost)
    {
        Dictionary<(MemberId To, TypeGroup Group), List<int>> released = [];
        foreach ((TypeGroup group, int slot, IReadOnlyList<ActorId> alive) in lost)
        {
            // The group may have been split since it was asked; then it was asked for each part.
            if (group.IsVoid || group.Cells[slot] is not { IsLettingGo: true } cell)
            {
                continue;
            }

            MakeGuests(now, cell, alive);
            MemberId owner = group.OwnerOf(slot);
            if (_askers.Contains(owner))
            {
                if (!released.TryGetValue((owner, group), out List<int>? slots))
                {
                    released.Add((owner, group), slots = []);
                }

                slots.Add(slot);
            }
        }

        foreach (((MemberId to, TypeGroup group), List<int> slots) in released)
        {
            List<SlotSection> sections = [];
            List<ActorRecord> records = [];
            slots.Sort();
            AddReleased(group, slots, sections, records);
            SendReleased(to, sections, records);
        }

        AfterStep(now);
    }

    /// <summary>Whether actors are known to be here without a slot of a group.</summary>
    public bool HasGuests(TypeGroup group, int slot) => group.Cells[slot] is { Guests.Count: > 0 };

    private void MakeGuests(TimeSpan now, SlotCell cell, IReadOnlyList<ActorId> alive)
    {
        cell.IsLettingGo = false;
        _lettingGo--;
        foreach (ActorId id in alive)
        {
            if (cell.Guests.TryGetValue(id, out Guest? guest))
            {
                if (IsLeaving)
                {
                    Drain(now, id, guest);
                }
            }
            else
            {
                cell.Guests.Add(id, guest = new Guest(cell.Group.Acquired[cell.Slot], ++_lastStay));
                Drain(now, id, guest);
            }
        }

        Touch(cell.Group, cell.Slot);
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

        bool isLettingGo = false;
        List<SlotSection> sections = [];
        List<ActorRecord> records = [];
        foreach (SlotSection section in ask.Sections)
        {
            foreach (TypeGroup group in GroupsOf(section.Types))
            {
                // Both know the same view, so no right node asks for what it does not own there.
                MemberId asker = from;
                List<int> slots = [.. SlotRange.SlotsOf(section.Ranges).Where(slot => slot < _slots && group.OwnerOf(slot) == asker && !group.IsOwned[slot])];
                isLettingGo |= slots.RemoveAll(slot => group.Cells[slot] is { IsLettingGo: true }) > 0;
                AddReleased(group, slots, sections, records);
            }
        }

        if (isLettingGo)
        {
            _askers.Add(from);
        }

        if (!isLettingGo || sections.Count > 0)
        {
            SendReleased(from, sections, records);
        }
    }

    private void AddReleased(TypeGroup group, List<int> slots, List<SlotSection> sections, List<ActorRecord> records)
    {
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

    private void SendReleased(MemberId to, List<SlotSection> sections, List<ActorRecord> records)
    {
        long series = ++_lastSeries;
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

/// <summary>A slot that was lost, and every activation that lived in it when it was let go.</summary>
internal readonly record struct LostSlot(TypeGroup Group, int Slot, IReadOnlyList<ActorId> Alive);
