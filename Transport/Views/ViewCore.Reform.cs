using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>
/// Re-forming a cluster that lost a majority of its stewards: by an operator, or by itself once every peer of the newest view known is present as its old or a later incarnation. The re-formed cluster has a
/// new id; its nodes stop their actors and join as new incarnations, and no slot starts before W.
/// </summary>
internal sealed partial class ViewCore
{
    private readonly Dictionary<PeerId, (bool May, TimeSpan At)> _reformAnswers = [];
    private TimeSpan _reformAskedAt;

    /// <summary>An operator's order: re-form the cluster that this node was last a member of, whoever is missing.</summary>
    public void ReformNow(TimeSpan now)
    {
        Notice(now);
        if (Phase == ViewPhase.Member)
        {
            BeginReform(now);
            AfterStep(now);
        }
    }

    private void TryReform(TimeSpan now)
    {
        if (_options.Reform != ReformMode.WhenAllReturn)
        {
            return;
        }

        if (now - _reformAskedAt >= 2 * _timing.RetryEvery)
        {
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
        }

        int answered = Installed.Members.Count(member => member.Id == Self
            || (_reformAnswers.TryGetValue(member.Id.Peer, out (bool May, TimeSpan At) answer) && answer.May && now - answer.At < 4 * _timing.RetryEvery));
        if (_rules.ReformNeedsAll ? answered == Installed.Members.Count : answered * 2 > Installed.Members.Count)
        {
            BeginReform(now);
        }
    }

    /// <summary>Tells those present, ends this life and founds the new cluster in the next, so that at no moment it looks fresh to others.</summary>
    private void BeginReform(TimeSpan now)
    {
        ClusterId halted = Installed.Cluster;
        long knownEpoch = Installed.Epoch;
        foreach (Member member in Installed.Members)
        {
            if (member.Id != Self && _peers.TryGet(member.Id.Peer, out MemberId present))
            {
                Send(present, new Reformed(halted));
            }
        }

        EndLife(now, LifeEnd.Reformed);
        Found(now, knownEpoch, halted);
    }

    private void HandleReform(TimeSpan now, Envelope envelope)
    {
        switch (envelope.Message)
        {
            case ReformAsk ask:
                Send(envelope.From, new ReformAnswer(ask.Halted, MayReform(now, ask, envelope.From)));
                break;
            case ReformAnswer answer when Phase == ViewPhase.Member && answer.Halted == Installed.Cluster:
                _reformAnswers[envelope.From.Peer] = (answer.MayReform, now);
                break;
            case Reformed done when Phase == ViewPhase.Member && done.Halted == Installed.Cluster:
                EndLife(now, LifeEnd.Reformed);
                break;
        }
    }

    /// <summary>Only if this node knows no leader, no newer view and no other cluster; of several that may ask, the one that knows most, then the lowest, goes first.</summary>
    private bool MayReform(TimeSpan now, ReformAsk ask, in MemberId asker)
    {
        if (Phase != ViewPhase.Member)
        {
            return Phase == ViewPhase.Fresh && (ChooseCluster(now) is not { } known || known.Cluster == ask.Halted);
        }

        if (Installed.Cluster != ask.Halted || !IsHalted || MayEnter(now) || Installed.Epoch > ask.KnownEpoch)
        {
            return false;
        }

        return Installed.Epoch < ask.KnownEpoch || asker.Peer.CompareTo(Self.Peer) < 0;
    }
}
