using System.Net;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Membership;

/// <summary>Keeps a data connection to each other member. Of two the lower id dials at once, the other only if that did not come.</summary>
/// <remarks>On the control thread. Bound: <see cref="TransportLimits.ConnectionsMax"/> members, since no more could be connected; those beyond are logged, and dialled when others have gone.</remarks>
/// <param name="node">The node.</param>
internal sealed class MemberDialers(TransportNode node)
{
    private static readonly TimeSpan s_dialSecondDelay = TimeSpan.FromSeconds(1);

    private readonly Dictionary<MemberId, (string Address, Dialer Dialer)> _dialers = [];
    private bool _isFull;
    private bool _isStopped;

    /// <summary>Members that are dialled. A glance: any thread.</summary>
    public int Count => _dialers.Count;

    /// <summary>A view came: dials who is new in it, or elsewhere than before, and those no more who have gone. Allocates only for these.</summary>
    public void Keep(View view, MemberId self)
    {
        if (_isStopped)
        {
            return;
        }

        foreach ((MemberId id, (string address, Dialer dialer)) in _dialers)
        {
            if (!view.TryFind(id, out Member? member) || member.Address != address)
            {
                dialer.Stop();
                _dialers.Remove(id);
            }
        }

        int left = 0;
        foreach (Member member in view.Members)
        {
            if (member.Id == self || _dialers.ContainsKey(member.Id) || !AddressText.TryParse(member.Address, out EndPoint? address))
            {
                continue;
            }

            if (_dialers.Count >= node.Limits.ConnectionsMax)
            {
                left++;
                continue;
            }

            var dialer = new Dialer(node, [address], member.Id.Peer);
            _dialers.Add(member.Id, (member.Address, dialer));
            dialer.Start(node.IsClient || node.Id.CompareTo(member.Id.Peer) < 0 ? TimeSpan.Zero : s_dialSecondDelay);
        }

        if (left > 0 && !_isFull)
        {
            node.LogMembersNotDialled(left);
        }

        _isFull = left > 0;
    }

    /// <summary>Dials nobody any more until the next view.</summary>
    public void Clear()
    {
        foreach ((_, Dialer dialer) in _dialers.Values)
        {
            dialer.Stop();
        }

        _dialers.Clear();
    }

    /// <summary>The node stops: dials nobody any more, whatever views come.</summary>
    public void Stop()
    {
        _isStopped = true;
        Clear();
    }
}
