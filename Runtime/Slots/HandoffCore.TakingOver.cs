using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>
/// Slots that this node owns and has not acquired yet: every member that owned one in any view from the settled one to the last is asked to release it, leases of those who are gone are waited for, and if one of
/// those had not released it, every member is asked what it has of it.
/// </summary>
internal sealed partial class HandoffCore
{
    private readonly Dictionary<MemberId, Stage> _stages = [];

    /// <summary>
    /// Who must still release a slot. A former owner that itself acquired it in view k had the releases of all before k, so those are not waited for once its release is here.
    /// </summary>
    private void FindFormerOwners(SlotCell cell)
    {
        ViewHistory history = _history!;
        cell.Waits.Clear();
        cell.Gone.Clear();
        cell.ClearAt = history.StartsAt;
        HashSet<MemberId> seen = [];
        for (int at = history.Views.Count - 2; at >= 0; at--)
        {
            MemberId owner = cell.Group.History[at][cell.Slot];
            if (owner.IsNone || owner == Self || !seen.Add(owner))
            {
                continue;
            }

            long ownedIn = history.Views[at].Epoch;
            if (ownedIn >= cell.RecordsOf && !(cell.ReleasedBy.TryGetValue(owner, out long released) && released > ownedIn))
            {
                (history.Installed.Contains(owner) ? cell.Waits : cell.Gone).Add(owner, ownedIn);
            }

            if (!_rules.AllFormerOwnersRelease)
            {
                break;
            }
        }

        FindLost(cell);
    }

    /// <summary>What a former owner that is gone had placed elsewhere is asked of every member; one that is gone too may have had some of it, so its lease is waited for.</summary>
    private void FindLost(SlotCell cell)
    {
        ViewHistory history = _history!;
        cell.Recovering.RemoveWhere(id => !history.Installed.Contains(id));
        if (cell.Gone.Count == 0 && !(_rules.AllFormerOwnersRelease && cell.Forgot.Values.Any(ownedIn => ownedIn >= cell.RecordsOf)))
        {
            cell.Recovering.Clear();
            return;
        }

        if (!_rules.RecoversDirectory)
        {
            foreach (MemberId gone in cell.Gone.Keys)
            {
                cell.ClearAt = Later(cell.ClearAt, history.ClearAt(gone));
            }

            return;
        }

        foreach (MemberId departed in history.Departed)
        {
            cell.ClearAt = Later(cell.ClearAt, history.ClearAt(departed));
        }

        foreach (Member member in history.Installed.Members)
        {
            if (member.Id != Self && !cell.RecoveredFrom.Contains(member.Id))
            {
                cell.Recovering.Add(member.Id);
            }
        }
    }

    private void TryAcquire(TimeSpan now, SlotCell cell)
    {
        if (!cell.IsAwaiting || cell.Waits.Count > 0 || cell.Recovering.Count > 0)
        {
            return;
        }

        if (now < cell.ClearAt)
        {
            _clearAt = cell.ClearAt < _clearAt ? cell.ClearAt : _clearAt;
            return;
        }

        StopAwaiting(cell);
        cell.Group.IsOwned[cell.Slot] = true;
        cell.Group.Acquired[cell.Slot] = Epoch;
        cell.Group.Forgot[cell.Slot] = 0;
        cell.LostIn = 0;
        cell.Endings.Clear();
        foreach ((ActorId id, Directions directions) in cell.Records.ToArray())
        {
            if (directions.Host == Self && !cell.Guests.ContainsKey(id))
            {
                // It ended here meanwhile.
                cell.Records.Remove(id);
            }
            else
            {
                directions.IsEnding &= directions.Host != Self; // It is here: who said otherwise has guessed.
                directions.Through = directions.Through == Self || !_history!.Installed.Contains(directions.Through) ? default : directions.Through;
                NoteGoneHost(directions);
            }
        }

        // What came back from an actor that ended here is older than what waits for it, and nobody else says so: the host is the owner now.
        ILookup<bool, SlotItem> parts = cell.Held.ToLookup(item => item.What is SlotRequest { IsReturned: true } request && !cell.Records.ContainsKey(request.Id));
        foreach (SlotItem item in parts[true])
        {
            ((SlotRequest)item.What).IsReturned = false; // Where it was the actor is known not to be.
        }

        SlotItem[] held = [.. parts[true], .. parts[false]];
        cell.Held.Clear();
        _held -= held.Length;
        foreach ((ActorId id, Directions directions) in cell.Records.ToArray())
        {
            Proceed(now, cell, id, directions);
        }

        foreach (SlotItem item in held)
        {
            Accept(now, cell.Group, item, cell.Slot);
        }

        Touch(cell.Group, cell.Slot);
    }

    private void StopAwaiting(SlotCell cell)
    {
        cell.IsAwaiting = false;
        _awaiting--;
        cell.Waits.Clear();
        cell.Gone.Clear();
        cell.ReleasedBy.Clear();
        cell.Forgot.Clear();
        cell.Recovering.Clear();
        cell.RecoveredFrom.Clear();
        Touch(cell.Group, cell.Slot);
    }

    /// <summary>Asks whom awaited slots wait for; all of one node in one message.</summary>
    private void Ask(TimeSpan now, bool isRetry)
    {
        if (_awaiting == 0)
        {
            return;
        }

        Dictionary<MemberId, List<SlotCell>> releases = [];
        Dictionary<MemberId, List<SlotCell>> recoveries = [];
        foreach (SlotCell cell in _work)
        {
            if (cell.IsAwaiting)
            {
                foreach (MemberId former in cell.Waits.Keys)
                {
                    Add(releases, former, cell);
                }

                foreach (MemberId member in cell.Recovering)
                {
                    Add(recoveries, member, cell);
                }
            }
        }

        foreach ((MemberId former, List<SlotCell> cells) in releases)
        {
            Send(former, new AskRelease(Epoch, SectionsOf(cells)));
        }

        foreach ((MemberId member, List<SlotCell> cells) in recoveries)
        {
            Send(member, new Recover(Epoch, SectionsOf(cells)));
        }

        if (!isRetry)
        {
            _tickAt = Earlier(_tickAt, now + _timing.RetryEvery);
        }
    }

    private void HandleReleased(TimeSpan now, in MemberId from, Released released)
    {
        if (Gather(from, released.Series, released.Part, released.IsLast, released.Records) is not { } records)
        {
            return;
        }

        foreach (SlotSection section in released.Sections)
        {
            foreach (TypeGroup group in GroupsOf(section.Types))
            {
                foreach (int slot in SlotRange.SlotsOf(section.Ranges))
                {
                    if (slot < _slots && group.Cells[slot] is { IsAwaiting: true } cell && cell.Waits.TryGetValue(from, out long ownedIn) && released.Epoch > ownedIn)
                    {
                        cell.ReleasedBy[from] = released.Epoch;
                        if (section.IsForgotten)
                        {
                            cell.Forgot[from] = ownedIn;
                        }

                        Merge(cell, from, section.Acquired, records);
                        FindFormerOwners(cell);
                        TryAcquire(now, cell);
                    }
                }
            }
        }
    }

    private void HandleRecovered(TimeSpan now, in MemberId from, Recovered recovered)
    {
        if (Gather(from, recovered.Series, recovered.Part, recovered.IsLast, recovered.Records) is not { } records)
        {
            return;
        }

        foreach (SlotSection section in recovered.Sections)
        {
            foreach (TypeGroup group in GroupsOf(section.Types))
            {
                foreach (int slot in SlotRange.SlotsOf(section.Ranges))
                {
                    if (slot < _slots && group.Cells[slot] is { IsAwaiting: true } cell && cell.Recovering.Remove(from))
                    {
                        cell.RecoveredFrom.Add(from);
                        Merge(cell, from, acquired: 0, records);
                        TryAcquire(now, cell);
                    }
                }
            }
        }
    }

    /// <summary>What a node says of where actors are: of its own guests it is believed; of others, whoever acquired the slot last.</summary>
    private void Merge(SlotCell cell, in MemberId from, long acquired, ILookup<(string, int), ActorRecord> records)
    {
        if (acquired > cell.RecordsOf)
        {
            cell.RecordsOf = acquired;
            foreach (ActorId id in cell.Records.Where(static entry => !entry.Value.IsFromHost).Select(static entry => entry.Key).ToArray())
            {
                cell.Records.Remove(id);
            }
        }

        foreach (string type in cell.Group.Types)
        {
            foreach (ActorRecord record in records[(type, cell.Slot)])
            {
                bool isFromHost = record.Host == from;
                if (isFromHost)
                {
                    // Whether a former owner's requests are still on their way there, the other record may say.
                    MemberId through = cell.Records.TryGetValue(record.Id, out Directions? known) && known.Host == from ? known.Through : record.Through;
                    cell.Records[record.Id] = new Directions(record.Host, record.Fence) { Through = through, IsEnding = record.IsEnding, IsFromHost = true };
                }
                else if (acquired == cell.RecordsOf && acquired != 0)
                {
                    if (!cell.Records.TryGetValue(record.Id, out Directions? known))
                    {
                        cell.Records[record.Id] = new Directions(record.Host, record.Fence) { Through = record.Through, IsEnding = record.IsEnding };
                    }
                    else if (known.Host == record.Host)
                    {
                        known.Through = record.Through;
                        known.IsEnding |= record.IsEnding;
                    }
                }
            }
        }
    }

    /// <summary>Gathers the parts of an answer; what a broken connection left unfinished is dropped.</summary>
    private ILookup<(string, int), ActorRecord>? Gather(in MemberId from, long series, int part, bool isLast, IReadOnlyList<ActorRecord> records)
    {
        if (!_history!.Installed.Contains(from))
        {
            return null; // Nobody else was asked.
        }

        if (part == 0)
        {
            _stages[from] = new Stage(series);
        }

        if (!_stages.TryGetValue(from, out Stage? stage) || stage.Series != series || stage.Parts != part || stage.Records.Count + records.Count > HandoffLimits.RecordsMax)
        {
            _stages.Remove(from);
            return null;
        }

        stage.Parts++;
        stage.Records.AddRange(records);
        if (!isLast)
        {
            return null;
        }

        _stages.Remove(from);
        return stage.Records.ToLookup(static record => (record.Id.ClassName, record.Slot));
    }

    private static List<SlotSection> SectionsOf(IEnumerable<SlotCell> cells) =>
        [.. cells.GroupBy(static cell => cell.Group).Select(static part => new SlotSection(part.Key.Types, SlotRange.Of(part.Select(static cell => cell.Slot).Order())))];

    private static void Add(Dictionary<MemberId, List<SlotCell>> lists, in MemberId key, SlotCell cell)
    {
        if (!lists.TryGetValue(key, out List<SlotCell>? list))
        {
            lists.Add(key, list = []);
        }

        list.Add(cell);
    }

    private static TimeSpan Later(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static TimeSpan Earlier(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private sealed class Stage(long series)
    {
        public long Series { get; } = series;

        public int Parts { get; set; }

        public List<ActorRecord> Records { get; } = [];
    }
}
