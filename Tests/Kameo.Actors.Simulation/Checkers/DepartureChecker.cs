using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>
/// Nobody takes the cluster along: whose life ends by an agreed view leaves stewards behind who can agree without it, if they all live. Left behind are the members of the newest view agreed: who was evicted
/// and has not heard of it is none, so the last member may leave.
/// </summary>
internal sealed class DepartureChecker(World world)
{
    private readonly Dictionary<ClusterId, View> _newest = [];

    public void Installed(View view)
    {
        if (!_newest.TryGetValue(view.Cluster, out View? newest) || newest.Epoch < view.Epoch)
        {
            _newest[view.Cluster] = view;
        }
    }

    public void LifeEnded(SimNode node, LifeEndedOutput ended)
    {
        if (ended.Reason is not (LifeEnd.Evicted or LifeEnd.Left))
        {
            return;
        }

        // Of those that are left, who knows most: any earlier set of stewards is none that counts.
        ViewCore? most = null;
        foreach (SimNode other in world.Nodes)
        {
            if (other != node && other.Core is { Phase: ViewPhase.Member } core && _newest[core.Installed.Cluster].Contains(core.Self) && (most is null || IsAhead(core.Log.Tip, most.Log.Tip)))
            {
                most = core;
            }
        }

        if (most?.Log.Tip.Electorate is not { } stewards || !stewards.Contains(ended.Ended))
        {
            return;
        }

        MemberId[] left = [.. stewards.All().Where(id => id != ended.Ended)];
        if (left.All(Lives) && !stewards.IsMajority(left, static (left, id) => left.Contains(id)))
        {
            throw new ViolationException("nobody takes the cluster along", $"{node.Name} ended a life ({ended.Reason}) without which the stewards {Plain.Ids([.. stewards.All()])} cannot agree, though all others live");
        }
    }

    private static bool IsAhead(LogPoint one, LogPoint other) => one.Term > other.Term || (one.Term == other.Term && one.Index > other.Index);

    private bool Lives(MemberId id) => world.Nodes.Any(node => node.Core is { Phase: ViewPhase.Member } core && core.Self == id);
}
