using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport;

/// <summary>What the layer above a node is told of its membership, on the control thread: it must not block, nor throw.</summary>
internal interface IMembershipObserver
{
    /// <summary>A life begins: before the node listens, and after each end of a life but the last.</summary>
    void OnLife(NodeLife life);

    /// <summary>A view is installed; views in between may have been skipped. On a client: one that its member installed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="view">The view.</param>
    /// <param name="core">Of a member: the core that installed it, to be read during the call; null on a client.</param>
    void OnView(TransportNode node, View view, ViewCore? core);

    /// <summary>The settled epoch has risen without a new view: nobody is asked any more for what was lost in that view or before.</summary>
    void OnSettled(long epoch);

    /// <summary>The lease had run out, or none was there yet, and now there is one: what waited may go on.</summary>
    void OnLease(NodeLife life);

    /// <summary>A life is over: nothing of it is entered or resumed any more.</summary>
    void OnLifeEnded(NodeLife life, LifeEnd reason);
}
