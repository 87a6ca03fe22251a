using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>No needless eviction: who had installed a view, was not touched by a fault for long, and whose links were not, is not evicted as killed or silent.</summary>
internal sealed class EvictionChecker(World world)
{
    private readonly HashSet<MemberId> _seen = [];

    public void Installed(ViewCore core)
    {
        ViewLog log = core.Log;
        for (long index = log.CommitIndex; index > log.Base.Index; index--)
        {
            if (log.At(index).Entry?.Change is not { Removed.Count: > 0 } change)
            {
                continue;
            }

            foreach (Departure departure in change.Removed)
            {
                // What an earlier leader had written down, and a later one agreed on, was right when it was written.
                bool isOfThisTerm = log.At(index).Term == core.Raft.Term;
                if (_seen.Add(departure.Id) && isOfThisTerm && departure.Cause is DepartureCause.Killed or DepartureCause.Silent)
                {
                    Judge(departure, log.Base.View.Cluster);
                }
            }
        }
    }

    /// <summary>A node ended a life by itself.</summary>
    public void LifeEnded(SimNode node, LifeEndedOutput ended) => _seen.Add(ended.Ended);

    private void Judge(in Departure departure, ClusterId cluster)
    {
        if (world.TryFindNode(departure.Id.Peer, out int node) && world.Nodes[node].Core is { Phase: ViewPhase.Member } core && core.Self == departure.Id && core.Installed.Cluster == cluster
            && (world.TouchedUntil.Length == 0 || world.Now - world.TouchedUntil[node] > world.Timing.Lease.Ticks))
        {
            throw new ViolationException("no needless eviction", $"{departure.Id} on n{node} is evicted as {departure.Cause}, though nothing happened to it");
        }
    }
}
