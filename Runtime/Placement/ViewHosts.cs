using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Placement;

/// <summary>Makes of each agreed view who hosts what: members that are up, with what the view says that they host. On the control thread.</summary>
/// <param name="node">The node.</param>
internal sealed class ViewHosts(ActorNode node) : IMembershipObserver
{
    private volatile NodeLife? _life;

    /// <summary>The present incarnation; null before the start.</summary>
    public NodeLife? Life => _life;

    /// <inheritdoc/>
    public void OnLife(NodeLife life) => _life = life;

    /// <inheritdoc/>
    public void OnView(TransportNode transport, View view)
    {
        PeerId self = _life!.Self.Peer;
        var hosts = new List<KeyValuePair<Host, HostedTypes>>(view.Members.Count);
        foreach (Member member in view.Members)
        {
            // Who joins or leaves owns nothing, but is a node to which an observer may lead.
            HostedTypes types = member.State == MemberState.Up ? new HostedTypes([.. member.HostedTypes.Select(HostedClass.Parse)]) : HostedTypes.None;
            hosts.Add(new(new Host(member.Id.Peer, member.Id.Peer == self && !node.Options.IsClient ? null : transport.PeerOf(member.Id.Peer)), types));
        }

        node.Hosts.Agree(hosts);
    }

    /// <inheritdoc/>
    public void OnLease(NodeLife life) => ThreadPool.UnsafeQueueUserWorkItem(static renewed => renewed.Node.Lapse.Look(renewed.Life), (Node: node, Life: life), preferLocal: false);

    /// <inheritdoc/>
    public void OnLifeEnded(NodeLife life, LifeEnd reason)
    {
        node.Hosts.Agree([]);
        ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Node.OnLifeEnded(ended.Life, ended.Reason), (Node: node, Life: life, Reason: reason), preferLocal: false);
    }
}
