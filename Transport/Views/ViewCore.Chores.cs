using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views;

/// <summary>What is repeated: dialling, asking to leave, looking for other clusters, noticing that the cluster halted.</summary>
internal sealed partial class ViewCore
{
    private TimeSpan _leftAskedAt;
    private TimeSpan _soughtAt;
    private readonly Dictionary<MemberId, TimeSpan> _dialledForOnce = [];

    /// <summary>How often members look at known addresses outside their view: other clusters of this name, and nodes that found nobody.</summary>
    private TimeSpan SeekOthersEvery => 8 * _timing.RetryEvery;

    /// <summary>How long a connection is kept that was dialled for once.</summary>
    private TimeSpan KeepUnneeded => 40 * _timing.RetryEvery;

    private void DoChores(TimeSpan now)
    {
        if (Phase == ViewPhase.Fresh)
        {
            SeekCluster(now);
            return;
        }

        DialMembers(now);
        if (_life.IsLeaving && now - _leftAskedAt >= _timing.RetryEvery)
        {
            _leftAskedAt = now;
            AskToLeave(now);
        }

        if (now - _soughtAt >= SeekOthersEvery)
        {
            _soughtAt = now;
            SeekOthers(now);
            AskWhatIsSettled();
            CloseUnneeded(now);
            _peers.Forget(address => Installed.HasAddress(address) || _knownAddresses.Contains(address));
        }

        NoticeHalt(now);
    }

    /// <summary>
    /// That a view is settled changes no epoch, so it is not announced to those who are no stewards: who does not know yet that the newest one is, asks now and then. Else it would keep all that was to be known of older views until
    /// the next change.
    /// </summary>
    private void AskWhatIsSettled()
    {
        if (Phase == ViewPhase.Member && SettledEpoch != Installed.Epoch && !Installed.IsSteward(Self) && Installed.Stewards.Count > 0)
        {
            Send(OwnSteward(), new Fetch(Log.CommitIndex, Log.Committed.Term));
        }
    }

    private void AskToLeave(TimeSpan now)
    {
        if (Installed.Members.Count == 1)
        {
            Stop(LifeEnd.Left);
            return;
        }

        _life.Steering.WantsToLeave(now, Self);
        PassToLeader(Self, Self, new Leave(Self));
    }

    /// <summary>Keeps the connections that a member needs: to whom it watches, to the stewards if it is one, else to its own steward.</summary>
    private void DialMembers(TimeSpan now)
    {
        if (Phase != ViewPhase.Member)
        {
            return;
        }

        foreach (MemberId subject in _life.Detector.Subjects)
        {
            DialMember(now, subject);
        }

        if (Installed.IsSteward(Self))
        {
            foreach (MemberId steward in Installed.Stewards)
            {
                DialMember(now, steward);
            }
        }
        else if (Installed.Stewards.Count > 0)
        {
            DialMember(now, OwnSteward());
        }
    }

    private void DialMember(TimeSpan now, in MemberId id)
    {
        _dialledForOnce.Remove(id);
        if (id != Self && !_peers.IsConnected(id) && Installed.TryFind(id, out Member? member))
        {
            TryDial(now, member.Address);
        }
    }

    /// <summary>Dials a member for what is to be said to it now and then: a suspect for whom this node is a helper, a leader. What is said meanwhile is lost, and said again by its sender.</summary>
    private void DialForOnce(in MemberId id)
    {
        if (Installed.TryFind(id, out Member? member))
        {
            TryDial(_handledAt, member.Address);
            _dialledForOnce[id] = _handledAt;
        }
    }

    /// <summary>Ends the connections that were dialled for once and not used for long, so that an ordinary node has only those of its watching.</summary>
    private void CloseUnneeded(TimeSpan now)
    {
        foreach ((MemberId id, TimeSpan usedAt) in _dialledForOnce.ToArray())
        {
            if (now - usedAt >= KeepUnneeded)
            {
                _dialledForOnce.Remove(id);
                if (_peers.IsConnected(id))
                {
                    _outputs.Enqueue(new CloseOutput(id));
                }
            }
        }
    }

    private void SeekOthers(TimeSpan now)
    {
        foreach (string address in _knownAddresses)
        {
            if (!Installed.HasAddress(address))
            {
                TryDial(now, address);
            }
        }

        foreach (MemberId peer in _peers.Connections)
        {
            if (!Installed.Contains(peer))
            {
                Send(peer, new Seek(LivingMembers));
            }
        }
    }

    private void NoticeHalt(TimeSpan now)
    {
        bool hearsLeader = _life.Raft.HearsLeader(now);
        if (!hearsLeader && !IsHalted && now - _leaderSeenAt >= _timing.HaltedAfter - _timing.SilentAfter)
        {
            AskStewards(now);
        }

        bool isHalted = now - _leaderSeenAt >= _timing.HaltedAfter && !hearsLeader;
        if (isHalted && !IsHalted)
        {
            _outputs.Enqueue(new HaltedOutput(Installed, [.. Installed.Stewards.Where(steward => steward != Self && IsMissing(now, steward))]));
        }

        IsHalted = isHalted;
        if (isHalted)
        {
            TryReform(now);
        }
    }

    /// <summary>Who is about to say which stewards are missing finds out first: a member talks to one of them at a time, and a steward that hears no leader answers no renewal.</summary>
    private void AskStewards(TimeSpan now)
    {
        foreach (MemberId steward in Installed.Stewards)
        {
            if (steward != Self && now - _life.Detector.HeardAt(steward) >= _timing.SuspectAfter)
            {
                Send(steward, Ping.Instance);
            }
        }
    }

    /// <summary>Whether nothing comes from it: a process that was stopped, or a host that was cut off, keeps its connection for long.</summary>
    private bool IsMissing(TimeSpan now, in MemberId id) => !_peers.IsConnected(id) || now - _life.Detector.HeardAt(id) >= _timing.SilentAfter;

    private void TryDial(TimeSpan now, string address)
    {
        if (_peers.TryDial(now, address))
        {
            _outputs.Enqueue(new DialOutput(address));
        }
    }
}
