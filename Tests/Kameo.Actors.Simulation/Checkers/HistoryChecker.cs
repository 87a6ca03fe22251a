using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Simulation.Checkers;

/// <summary>One history of views: any two members that install an epoch of a cluster id install the same view, and epochs only rise. Also every agreed entry of the log is the same everywhere.</summary>
internal sealed class HistoryChecker
{
    private const string Promise = "one history of views";
    private readonly Dictionary<(ClusterId, long), View> _views = [];
    private readonly Dictionary<(ClusterId, long), long> _terms = [];
    private readonly Dictionary<(MemberId, ViewCore), (long Epoch, long Index)> _newest = [];

    public void Installed(SimNode node, ViewCore core, View view)
    {
        (long epoch, long index) = _newest.GetValueOrDefault((core.Self, core));
        if (view.Epoch <= epoch)
        {
            throw new ViolationException(Promise, $"{node.Name} installs {view.Epoch} after {epoch}");
        }

        ViewLog log = core.Log;
        for (long at = Math.Max(index, log.Base.Index); at <= log.CommitIndex; at++)
        {
            LogPoint point = log.At(at);
            if (_terms.TryAdd((view.Cluster, at), point.Term))
            {
                if (_views.TryGetValue((view.Cluster, point.View.Epoch), out View? first))
                {
                    Compare(node, point.View, first);
                }
                else
                {
                    _views.Add((view.Cluster, point.View.Epoch), point.View);
                }
            }
            else
            {
                if (_terms[(view.Cluster, at)] != point.Term)
                {
                    throw new ViolationException(Promise, $"{node.Name} has entry {at} of term {point.Term} agreed, another node of term {_terms[(view.Cluster, at)]}");
                }

                Compare(node, point.View, _views[(view.Cluster, point.View.Epoch)]);
            }
        }

        _newest[(core.Self, core)] = (view.Epoch, log.CommitIndex);
    }

    private static void Compare(SimNode node, View view, View first)
    {
        if (!view.SameAs(first))
        {
            throw new ViolationException(Promise, $"{node.Name} installs {Plain.View(view)}, another node {Plain.View(first)}");
        }
    }
}
