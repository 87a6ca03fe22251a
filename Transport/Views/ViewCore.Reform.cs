using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>
/// Re-forming a cluster that lost a majority of its stewards: by an operator, or by itself once every peer of the newest view known is present as its old or a later incarnation. The re-formed cluster has a
/// new id; its nodes stop their actors and join as new incarnations, and no slot starts before W.
/// </summary>
/// <remarks>
/// By itself it goes in two steps. One survivor, of those that know the newest view the lowest, asks every peer of it. When all may, it tells the other survivors to abandon the cluster, which they do if they
/// still may; and when every peer has answered as no member of it any more, it founds the new one. If it dies in between, another survivor begins anew.
/// </remarks>
internal sealed partial class ViewCore
{
    private readonly Dictionary<PeerId, (bool May, bool IsOut, TimeSpan At)> _reformAnswers = [];
    private TimeSpan _reformAskedAt;

    /// <summary>An operator's order: re-form the cluster of which this node is a member, whoever is missing.</summary>
    public void ReformNow(TimeSpan now)
    {
        Notice(now);
        if (Phase == ViewPhase.Member)
        {
            TellToAbandon(isOrder: true);
            FoundAnew(now);
            AfterStep(now);
        }
    }

    private void TryReform(TimeSpan now)
    {
        if (_options.Reform != ReformMode.WhenAllReturn || now - _reformAskedAt < 2 * _timing.RetryEvery)
        {
            return;
        }

        _reformAskedAt = now;
        foreach (Member member in Installed.Members)
        {
            if (member.Id != Self)
            {
                TryDial(now, member.Address);
                if (_peers.TryGet(member.Id.Peer, out MemberId present))
                {
                    Send(present, new ReformAsk(Installed.Cluster, Installed.Epoch));
                }
            }
        }

        if (AreEnough(CountAnswers(now, outOnly: true)))
        {
            FoundAnew(now);
        }
        else if (AreEnough(CountAnswers(now, outOnly: false)))
        {
            TellToAbandon(isOrder: false);
        }
    }

    private int CountAnswers(TimeSpan now, bool outOnly) => 1 + Installed.Members.Count(member => member.Id != Self
        && _reformAnswers.TryGetValue(member.Id.Peer, out (bool May, bool IsOut, TimeSpan At) answer) && answer.May && (answer.IsOut || !outOnly) && now - answer.At < 4 * _timing.RetryEvery);

    private bool AreEnough(int answers) => _rules.ReformNeedsAll ? answers == Installed.Members.Count : answers * 2 > Installed.Members.Count;

    private void TellToAbandon(bool isOrder)
    {
        foreach (Member member in Installed.Members)
        {
            if (member.Id != Self && _peers.TryGet(member.Id.Peer, out MemberId present))
            {
                Send(present, new Abandon(Installed.Cluster, Installed.Epoch, isOrder));
            }
        }
    }

    /// <summary>Ends this life and founds the new cluster in the next, so that at no moment this node looks fresh to others.</summary>
    private void FoundAnew(TimeSpan now)
    {
        ClusterId halted = Installed.Cluster;
        long knownEpoch = Installed.Epoch;
        EndLife(now, LifeEnd.Reformed);
        Found(now, knownEpoch, halted);
    }

    private void HandleReform(TimeSpan now, Envelope envelope)
    {
        MemberId from = envelope.From;
        switch (envelope.Message)
        {
            case ReformAsk ask:
                bool isOut = Phase != ViewPhase.Member || Installed.Cluster != ask.Halted;
                Send(from, new ReformAnswer(ask.Halted, MayReform(now, ask.Halted, ask.KnownEpoch, from), isOut));
                break;
            case ReformAnswer answer when Phase == ViewPhase.Member && answer.Halted == Installed.Cluster && Installed.FindPeer(from.Peer) is not null:
                _reformAnswers[from.Peer] = (answer.MayReform, answer.IsOut, now);
                break;
            case Abandon abandon when Phase == ViewPhase.Member && abandon.Halted == Installed.Cluster
                && (abandon.IsOrder || MayReform(now, abandon.Halted, abandon.KnownEpoch, from)):
                EndLife(now, LifeEnd.Reformed);
                _clusterHeardAt = now;
                break;
        }
    }

    /// <summary>Only if this node knows no leader, no newer view and no other cluster; of several that may ask, the one that knows most, then the lowest, goes first.</summary>
    private bool MayReform(TimeSpan now, ClusterId halted, long knownEpoch, in MemberId asker)
    {
        if (Phase != ViewPhase.Member)
        {
            return Phase == ViewPhase.Fresh
                && _strangers.Values.All(stranger => stranger.Cluster.IsNone || !stranger.IsRecent(now, _timing) || (stranger.Cluster == halted && stranger.Epoch <= knownEpoch));
        }

        if (Installed.Cluster != halted || !IsHalted || _life.Raft.HearsLeader(now) || MayEnter(now) || Installed.Epoch > knownEpoch)
        {
            return false;
        }

        return Installed.Epoch < knownEpoch || asker.Peer.CompareTo(Self.Peer) < 0;
    }
}
