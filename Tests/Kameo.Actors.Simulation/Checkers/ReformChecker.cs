using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>A cluster is re-formed only when it is over: from then on nobody agrees on a new view of the old one (who was evicted may still hear of one that is known), and nobody holds a lease in it. An operator's order is the operator's word for that.</summary>
internal sealed class ReformChecker(World world)
{
    private readonly HashSet<ClusterId> _over = [];
    private readonly Dictionary<ClusterId, long> _newest = [];

    public void Founded(SimNode node, FoundedOutput founded)
    {
        if (founded.ReformedFrom.IsNone || world.IsHealed)
        {
            return;
        }

        _over.Add(founded.ReformedFrom);
        foreach (SimNode other in world.Nodes)
        {
            if (other != node && other.Core is { } core && core.Installed.Cluster == founded.ReformedFrom && core.MayEnter(other.Clock))
            {
                throw new ViolationException("re-forming", $"{node.Name} re-forms {founded.ReformedFrom} while {other.Name} holds a lease in it");
            }
        }
    }

    public void Installed(View view)
    {
        if (view.Epoch <= _newest.GetValueOrDefault(view.Cluster))
        {
            return;
        }

        _newest[view.Cluster] = view.Epoch;
        if (_over.Contains(view.Cluster))
        {
            throw new ViolationException("re-forming", $"{Plain.View(view)} is agreed though its cluster was re-formed");
        }
    }
}
