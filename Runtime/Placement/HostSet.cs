namespace Kameo.Actors.Placement;

/// <summary>The hosts of one actor class, and which of them has each slot. Immutable but for the table, which is filled as slots are asked for.</summary>
/// <param name="hosts">The hosts, in the order of their ids.</param>
internal sealed class HostSet(Host[] hosts)
{
    /// <summary>Index of the host, plus one; 0: not computed. Any thread may write the same value.</summary>
    private readonly ushort[] _owners = new ushort[hosts.Length > 1 ? SlotHash.Slots : 0];

    /// <summary>The hosts.</summary>
    public IReadOnlyList<Host> Hosts => hosts;

    /// <summary>The host of a slot.</summary>
    public Host OwnerOf(int slot)
    {
        if (hosts.Length == 1)
        {
            return hosts[0];
        }

        ushort known = Volatile.Read(ref _owners[slot]);
        return hosts[(known != 0 ? known : Compute(slot)) - 1];
    }

    private ushort Compute(int slot)
    {
        int best = 0;
        ulong bestScore = 0;
        for (int index = 0; index < hosts.Length; index++)
        {
            ulong score = SlotHash.Score(slot, hosts[index].Hash);

            // Of equal scores the lowest id wins: the hosts are in order.
            if (index == 0 || score > bestScore)
            {
                best = index;
                bestScore = score;
            }
        }

        ushort owner = (ushort)(best + 1);
        Volatile.Write(ref _owners[slot], owner);
        return owner;
    }
}
