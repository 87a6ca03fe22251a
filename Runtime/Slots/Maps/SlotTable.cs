using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Maps;

/// <summary>The owner of every slot among one set of hosts. Immutable; shared by all types, and by all views, that have this set of hosts with these weights.</summary>
internal sealed class SlotTable
{
    private readonly Host[] _hosts;
    private readonly ushort[] _owners;

    private SlotTable(Host[] hosts, ushort[] owners)
    {
        _hosts = hosts;
        _owners = owners;
    }

    /// <summary>How many slots there are.</summary>
    public int Slots => _owners.Length;

    /// <summary>The owner of a slot; nobody if there is no host.</summary>
    public MemberId this[int slot] => _hosts.Length == 0 ? default : _hosts[_owners[slot]].Id;

    /// <summary>A table of a type that nobody hosts.</summary>
    public static SlotTable Nobody(int slots) => new([], new ushort[slots]);

    /// <summary>Computes it.</summary>
    /// <param name="hosts">The members that own slots: up, of a weight above zero.</param>
    /// <param name="slots">How many slots there are.</param>
    public static SlotTable Of(IReadOnlyList<Member> hosts, int slots)
    {
        // In the order of their keys, so that of equal scores the lowest wins.
        Host[] ordered = [.. hosts.Select(static member => new Host(member.Id, member.Weight, SlotHash.NodeHash(member.Id.Peer.ToByteArray()))).OrderBy(static host => host.Id)];
        ushort[] owners = new ushort[slots];
        for (int slot = 0; slot < slots && ordered.Length > 1; slot++)
        {
            int best = 0;
            ulong bestHash = SlotScore.HashOf(slot, ordered[0].Hash);
            for (int at = 1; at < ordered.Length; at++)
            {
                ulong hash = SlotScore.HashOf(slot, ordered[at].Hash);
                if (SlotScore.IsBetter(hash, ordered[at].Weight, bestHash, ordered[best].Weight))
                {
                    best = at;
                    bestHash = hash;
                }
            }

            owners[slot] = (ushort)best;
        }

        return new SlotTable(ordered, owners);
    }

    /// <summary>Whether it is of these hosts: the same lives of the same peers with the same weights.</summary>
    public bool IsOf(IReadOnlyList<Member> hosts)
    {
        if (_hosts.Length != hosts.Count)
        {
            return false;
        }

        foreach (Member member in hosts)
        {
            bool isThere = false;
            for (int at = 0; at < _hosts.Length && !isThere; at++)
            {
                isThere = _hosts[at].Id == member.Id && _hosts[at].Weight == member.Weight;
            }

            if (!isThere)
            {
                return false;
            }
        }

        return true;
    }

    private readonly record struct Host(MemberId Id, int Weight, ulong Hash);
}
