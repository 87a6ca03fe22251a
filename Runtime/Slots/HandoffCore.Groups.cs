using Kameo.Actors.Slots.Maps;

namespace Kameo.Actors.Slots;

/// <summary>Types in groups. Groups are only ever split: by views in which their hosts differ, and by messages of nodes that, from a longer history, tell them apart.</summary>
internal sealed partial class HandoffCore
{
    /// <summary>The groups that are made of these types and no others; a group that has others too is split. Types that nobody hosts are left out.</summary>
    private List<TypeGroup> GroupsOf(IReadOnlyList<string> types)
    {
        List<TypeGroup> groups = [];
        HashSet<string>? wanted = null;
        foreach (string type in types)
        {
            if (!_groups.TryGetValue(type, out TypeGroup? group) || groups.Contains(group))
            {
                continue;
            }

            if (group.Types.Count > 1)
            {
                wanted ??= [.. types];
                if (!group.Types.All(wanted.Contains))
                {
                    group = Split(group, [.. group.Types.Where(wanted.Contains)]);
                }
            }

            groups.Add(group);
        }

        return groups;
    }

    /// <summary>Puts every type of the views since the settled one into a group of those that had the same hosts in all of them.</summary>
    private void Regroup(SlotMap[] maps)
    {
        SlotMap newest = maps[^1];
        Dictionary<TypeGroup, List<List<string>>> parts = [];
        List<List<string>> fresh = [];
        foreach (string type in maps.SelectMany(static map => map.Types).Distinct().Order(StringComparer.Ordinal))
        {
            List<List<string>> alike = fresh;
            if (_groups.TryGetValue(type, out TypeGroup? group) && !parts.TryGetValue(group, out alike!))
            {
                parts.Add(group, alike = []);
            }

            if (alike.Find(part => HasSameHosts(part[0], type)) is { } found)
            {
                found.Add(type);
            }
            else
            {
                alike.Add([type]);
            }
        }

        foreach (List<List<string>> part in parts.Values)
        {
            for (int at = 1; at < part.Count; at++)
            {
                Split(_groups[part[at][0]], part[at]);
            }
        }

        foreach (List<string> types in fresh)
        {
            TypeGroup group = new(types, _slots);
            Array.Fill(group.Forgot, _isResumed && _isFirst ? Epoch : 0);
            types.ForEach(type => _groups.Add(type, group));
        }

        bool HasSameHosts(string one, string other) => newest[one] == newest[other] && maps.All(map => map[one] == map[other]);
    }

    /// <summary>Splits a group in two, each with its part of what is known of every slot.</summary>
    /// <returns>The group of the types named.</returns>
    private TypeGroup Split(TypeGroup group, IReadOnlyList<string> types)
    {
        HashSet<string> chosen = [.. types];
        TypeGroup part = Part(group, types, chosen.Contains);
        Part(group, [.. group.Types.Where(type => !chosen.Contains(type))], type => !chosen.Contains(type));
        group.Void();
        foreach (SlotCell? cell in group.Cells)
        {
            if (cell is not null)
            {
                _work.Remove(cell);
                _awaiting -= cell.IsAwaiting ? 1 : 0;
                _lettingGo -= cell.IsLettingGo ? 1 : 0;
            }
        }

        return part;
    }

    private TypeGroup Part(TypeGroup whole, IReadOnlyList<string> types, Func<string, bool> isIn)
    {
        TypeGroup part = new(types, _slots) { History = whole.History };
        part.Install(whole.Owners);
        for (int slot = 0; slot < _slots; slot++)
        {
            part.IsOwned[slot] = whole.IsOwned[slot];
            part.IsUsed[slot] = whole.IsUsed[slot];
            part.Acquired[slot] = whole.Acquired[slot];
            part.Forgot[slot] = whole.Forgot[slot];
            if (whole.Cells[slot] is { } cell)
            {
                part.Cells[slot] = PartOf(cell, part, isIn);
                _work.Add(part.Cells[slot]!);
            }

            Touch(part, slot);
        }

        foreach (string type in types)
        {
            _groups[type] = part;
        }

        return part;
    }

    /// <summary>What is known of a slot for some of the types. Waits are the same; what concerns an actor goes with its type.</summary>
    private SlotCell PartOf(SlotCell whole, TypeGroup group, Func<string, bool> isIn)
    {
        SlotCell part = new(group, whole.Slot)
        {
            IsAwaiting = whole.IsAwaiting,
            IsLettingGo = whole.IsLettingGo,
            ClearAt = whole.ClearAt,
            RecordsOf = whole.RecordsOf,
            LostIn = whole.LostIn,
            Via = whole.Via,
            FirstToken = whole.FirstToken,
            FlushedSince = whole.FlushedSince,
            HoldsUntil = whole.HoldsUntil,
        };
        _awaiting += part.IsAwaiting ? 1 : 0;
        if (part.IsLettingGo)
        {
            _lettingGo++;
            _outputs.Enqueue(new HandoffOutput(HandoffOutputKind.LetGo, Group: group, Number: part.Slot));
        }

        Copy(whole.Waits, part.Waits);
        Copy(whole.Gone, part.Gone);
        Copy(whole.ReleasedBy, part.ReleasedBy);
        Copy(whole.Forgot, part.Forgot);
        part.Recovering.UnionWith(whole.Recovering);
        part.RecoveredFrom.UnionWith(whole.RecoveredFrom);
        CopyOf(whole.Records, part.Records, isIn);
        CopyOf(whole.Guests, part.Guests, isIn);
        part.Endings.UnionWith(whole.Endings.Where(id => isIn(id.ClassName)));
        foreach (SlotItem item in whole.Held.Where(item => isIn(TypeOf(item))))
        {
            part.Held.Enqueue(item);
        }

        foreach (SlotItem item in whole.Outgoing)
        {
            if (item.What is Messages.Flush flush)
            {
                part.Hold(item with { What = flush with { Types = group.Types } });
            }
            else if (isIn(TypeOf(item)))
            {
                part.Hold(item);
            }
        }

        return part;
    }

    private static void Copy(Dictionary<Transport.Views.MemberId, long> from, Dictionary<Transport.Views.MemberId, long> to)
    {
        foreach ((Transport.Views.MemberId id, long epoch) in from)
        {
            to.Add(id, epoch);
        }
    }

    private static void CopyOf<T>(Dictionary<ActorId, T> from, Dictionary<ActorId, T> to, Func<string, bool> isIn)
    {
        foreach ((ActorId id, T value) in from)
        {
            if (isIn(id.ClassName))
            {
                to.Add(id, value);
            }
        }
    }

    private static string TypeOf(in SlotItem item) => item.What switch
    {
        SlotRequest request => request.Id.ClassName,
        Messages.Unregister unregister => unregister.Id.ClassName,
        Messages.Closed closed => closed.Id.ClassName,
        _ => throw new InvalidOperationException($"{item.What} goes no way of requests."),
    };
}
