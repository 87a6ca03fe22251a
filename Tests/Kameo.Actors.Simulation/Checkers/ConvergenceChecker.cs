using System.Text;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>After everything heals there is one cluster again within a stated time, by itself or, where a steward majority was lost or two clusters stand side by side, with the operator's help: all nodes members of the same view, holding leases, every slot active at its owner.</summary>
internal sealed class ConvergenceChecker(World world)
{
    /// <summary>How long it may take, in leases. An eviction, W, two elections and a join take four (16 s in the LAN profile); the operator looks after three, and may have to look twice.</summary>
    private const int WithinLeases = 12;

    private long _healedAt = long.MaxValue;

    /// <summary>Whether all is well.</summary>
    public bool IsReached { get; private set; }

    /// <summary>How long it took.</summary>
    public long Took { get; private set; }

    public void Healed() => _healedAt = world.Now;

    public void Look()
    {
        if (WhatIsMissing() is not { } missing)
        {
            IsReached = true;
            Took = world.Now - _healedAt;
        }
        else if (world.Now - _healedAt > world.Timing.Lease.Ticks * WithinLeases)
        {
            throw new ViolationException("one cluster after healing", missing);
        }
    }

    private string? WhatIsMissing()
    {
        ViewCore? first = world.Nodes[0].Core;
        StringBuilder? missing = null;
        foreach (SimNode node in world.Nodes)
        {
            string? what = node.Core is not { } core ? "does not run"
                : core.Phase != ViewPhase.Member ? "is no member"
                : !core.MayEnter(node.Clock) ? "has no lease"
                : core.Installed.Members.Count != world.Nodes.Length ? $"has {core.Installed.Members.Count} members in {core.Installed.Cluster}@{Plain.Epoch(core.Installed.Epoch)}"
                : core.Installed.Cluster != first?.Installed.Cluster || core.Installed.Epoch != first.Installed.Epoch ? $"is in {core.Installed.Cluster}@{Plain.Epoch(core.Installed.Epoch)}"
                : null;
            if (what is not null)
            {
                (missing ??= new()).Append(node.Name).Append(' ').Append(what).Append("; ");
            }
        }

        return missing?.ToString() ?? MissingSlot(first!);
    }

    private string? MissingSlot(ViewCore core)
    {
        MemberId[] owners = SlotOwners.All(core.Installed);
        for (int slot = 0; slot < owners.Length; slot++)
        {
            if (!world.TryFindNode(owners[slot].Peer, out int node))
            {
                return $"slot {slot} has no owner in {Plain.View(core.Installed)}";
            }

            if (!world.Nodes[node].Slots.IsActive(slot))
            {
                return $"slot {slot} is not active at {world.Nodes[node].Name}";
            }
        }

        return null;
    }
}
