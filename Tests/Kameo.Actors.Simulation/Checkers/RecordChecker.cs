using System.Text;
using Kameo.Actors.Simulation.Actors;
using Kameo.Actors.Slots;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>After healing no actor is lost: whatever is in memory somewhere is where the owner of its slot says.</summary>
internal sealed class RecordChecker(World world)
{
    /// <summary>What is not so; null if all is.</summary>
    public string? WhatIsLost()
    {
        StringBuilder? lost = null;
        foreach (SimNode node in world.Nodes)
        {
            foreach (SimActivation activation in node.Actors.Activations)
            {
                if (activation.IsEnding)
                {
                    continue;
                }

                int slot = Population.SlotOf(activation.Id);
                MemberId owner = node.Actors.Handoff?.GroupOf(activation.Id.ClassName)?.OwnerOf(slot) ?? default;
                MemberId host = world.TryFindNode(owner.Peer, out int at) && world.Nodes[at].Actors.Handoff is { } handoff ? HostOf(handoff, activation.Id, slot) : default;
                if (host != node.Core!.Self)
                {
                    (lost ??= new()).Append($"{activation.Id} is on {node.Name}, and its owner n{at} says {Plain.Id(host)}; ");
                }
            }
        }

        return lost?.ToString();
    }

    private static MemberId HostOf(HandoffCore handoff, in ActorId id, int slot) => handoff.HostOf(id, slot);
}
