using System.Text;
using Kameo.Actors.Simulation.Actors;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>After everything heals there is one cluster again within a stated time, by itself or, where a steward majority was lost or two clusters stand side by side, with the operator's help: all nodes members of the same view, holding leases, every view settled, every slot acquired, every actor answering, every activation on record.</summary>
internal sealed class ConvergenceChecker(World world)
{
    /// <summary>How long it may take, in leases. An eviction, W, two elections and a join take four (16 s in the LAN profile); the operator looks after three, and may have to look twice.</summary>
    private const int WithinLeases = 12;

    private long _healedAt = long.MaxValue;
    private SimCall?[]? _probes;
    private int _tries;

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

        return missing?.ToString() ?? (world.Scenario.HasSlots ? MissingSlot() ?? MissingAnswer() : null);
    }

    /// <summary>Every view becomes settled, every slot acquired, and nothing waits for one.</summary>
    private string? MissingSlot()
    {
        foreach (SimNode node in world.Nodes)
        {
            ViewCore core = node.Core!;
            string? what = node.Actors.Handoff is not { } handoff ? "knows no slots"
                : handoff.Epoch != core.Installed.Epoch ? $"has slots of {Plain.Epoch(handoff.Epoch)}"
                : handoff.Awaiting > 0 ? $"waits for {handoff.Awaiting} slots"
                : handoff.Held > 0 ? $"holds {handoff.Held} requests"
                : null;
            if (what is not null)
            {
                return $"{node.Name} {what}";
            }
        }

        // Stewards hear at once that a view is settled, others with the next view.
        return world.Nodes.Any(static node => node.Core!.SettledEpoch == node.Core.Installed.Epoch) ? null : "nobody knows the view to be settled";
    }

    /// <summary>Every actor answers, called from every node in turn, and no record is lost.</summary>
    private string? MissingAnswer()
    {
        _probes ??= [.. Population.Actors.Select(static _ => (SimCall?)null)];
        string? missing = null;
        for (int at = 0; at < _probes.Length; at++)
        {
            if (_probes[at] is not { Outcome: AskOutcome.Ran })
            {
                missing ??= $"{Population.Actors[at]} does not answer: {_probes[at]?.Outcome.ToString() ?? "not asked"}";
                if (_probes[at] is null or { Outcome: not AskOutcome.None })
                {
                    SimNode from = world.Nodes[_tries++ % world.Nodes.Length];
                    _probes[at] = from.Actors.Call(Population.Actors[at], isAsk: true);
                }
            }
        }

        return missing ?? world.Checkers.Records.WhatIsLost();
    }
}
