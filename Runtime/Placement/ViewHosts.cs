using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Placement;

/// <summary>Makes of each agreed view who hosts what, once the slots have it: members that are up, with what the view says that they host. On the control thread, but for what says otherwise.</summary>
/// <param name="node">The node.</param>
/// <param name="slots">Its slots.</param>
internal sealed class ViewHosts(ActorNode node, SlotGate slots) : IMembershipObserver
{
    private readonly ClassView _classes = new();
    private volatile NodeLife? _life;

    /// <summary>The present incarnation; null before the start.</summary>
    public NodeLife? Life => _life;

    /// <inheritdoc/>
    public void OnLife(NodeLife life)
    {
        _life = life;
        slots.OnLife(life);
    }

    /// <inheritdoc/>
    public void OnView(TransportNode transport, View view, ViewCore? core)
    {
        NodeLife life = _life!;
        node.Attach(transport);
        ViewHistory history = _classes.Of(core is null ? ViewHistory.Of(view) : ViewHistory.Of(core));
        if (core is null || history.Installed.Contains(life.Self))
        {
            slots.OnView(transport, life, history, installed => Agree(transport, life, installed));
        }
    }

    /// <inheritdoc/>
    public void OnSettled(long epoch)
    {
        slots.OnSettled(_life!, epoch);
        node.Links.OnPlacesChanged(); // What was still in memory when the view came has ended by now.
    }

    /// <inheritdoc/>
    public void OnLease(NodeLife life)
    {
        slots.OnLease(life);
        ThreadPool.UnsafeQueueUserWorkItem(static renewed => renewed.Node.Lapse.Look(renewed.Life), (Node: node, Life: life), preferLocal: false);
    }

    /// <inheritdoc/>
    public void OnLifeEnded(NodeLife life, LifeEnd reason) => slots.OnLifeEnded(life, () =>
    {
        node.Hosts.Agree([]);
        node.Links.OnLifeEnded(); // Behind that: nobody finds an actor to link with any more.
        ThreadPool.UnsafeQueueUserWorkItem(static ended => ended.Node.OnLifeEnded(ended.Life, ended.Reason), (Node: node, Life: life, Reason: reason), preferLocal: false);
    });

    /// <summary>On the thread of slots.</summary>
    private void Agree(TransportNode transport, NodeLife life, View view)
    {
        PeerId self = life.Self.Peer;
        var hosts = new List<KeyValuePair<Host, HostedTypes>>(view.Members.Count);
        foreach (Member member in view.Members)
        {
            // Who joins or leaves owns nothing, but is a node to which an observer may lead.
            HostedTypes types = member.State == MemberState.Up ? _classes.HostedBy(member) : HostedTypes.None;
            hosts.Add(new(new Host(member.Id.Peer, member.Id.Peer == self && !node.Options.IsClient ? null : transport.PeerOf(member.Id.Peer)), types));
        }

        node.Hosts.Agree(hosts);
        node.Links.OnPlacesChanged();
    }
}
