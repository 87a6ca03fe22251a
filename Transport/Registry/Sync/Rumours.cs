using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>Spreads what is new: in rounds to a few members each, or at once to all. Silent when nothing is new.</summary>
internal sealed class Rumours(RegistryTable table, Peers peers, RegistryOutbox outbox, RegistryLimits limits, RegistryTiming timing, RegistryCounters counters)
{
    private readonly List<Rumour> _rumours = [];
    private readonly Dictionary<WriterLog, Rumour> _byLog = [];
    private readonly List<PeerId> _chosen = [];
    private readonly ByteBudget _pushBytes = new(limits.PushBytesPerSecondMax);
    private TimeSpan _lastRoundAt;
    private int _round;

    /// <summary>When the next round is due.</summary>
    public TimeSpan Deadline { get; private set; } = RegistryTiming.Never;

    /// <summary>Writers of which something new is being told.</summary>
    public int Count => _rumours.Count;

    /// <summary>Something of a writer is new to this node.</summary>
    /// <param name="now">The time.</param>
    /// <param name="log">The writer.</param>
    /// <param name="from">The version before it.</param>
    /// <param name="toMembers">Whether members are to be told; false when they are by somebody else.</param>
    public void Add(TimeSpan now, WriterLog log, ulong from, bool toMembers)
    {
        toMembers &= peers.OtherMembers > 0;
        if (!toMembers && peers.Followers.Count == 0)
        {
            return;
        }

        if (!_byLog.TryGetValue(log, out Rumour? rumour))
        {
            rumour = new Rumour(log);
            _byLog.Add(log, rumour);
            _rumours.Add(rumour);
        }

        rumour.Add(from, toMembers ? _round + timing.RoundsFor(peers.OtherMembers + 1) : null);
        if (Deadline == RegistryTiming.Never)
        {
            TimeSpan soon = now + timing.GossipDelay;
            Deadline = _round > 0 && _lastRoundAt + timing.GossipInterval > soon ? _lastRoundAt + timing.GossipInterval : soon;
        }
    }

    /// <summary>Tells what this node wrote to all members and clients at once, with everything before it that was not told yet.</summary>
    /// <returns>False when the bytes of this second are used up: it goes with the next round.</returns>
    public bool Push(TimeSpan now, ulong from)
    {
        WriterLog log = table.Own.Log;
        Rumour? rumour = _byLog.GetValueOrDefault(log);
        Delta delta = Cut(log, Math.Min(rumour?.From ?? from, from), limits.ChunkBytesMax - DeltaBatch.HeaderBytesMax) ?? log.Advertise();
        byte[] bytes = outbox.Encode(new DeltaBatch(table.View.Epoch, 0, DeltaBatchFlags.Pushed, [delta]));
        long total = (long)bytes.Length * (peers.OtherMembers + peers.Followers.Count);
        if (!_pushBytes.Has(now, total))
        {
            counters.PushesDelayed++;
            return false;
        }

        _pushBytes.Use(total);
        foreach (RegistryMember member in table.View.Members)
        {
            if (!table.Own.IsSelf(member))
            {
                outbox.Send(member.Id, bytes);
            }
        }

        SendToFollowers(bytes);
        rumour?.ToldFollowers();
        return true;
    }

    /// <summary>Does a round if it is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        if (now < Deadline)
        {
            return;
        }

        _round++;
        _lastRoundAt = now;
        counters.Rounds++;
        if (peers.Followers.Count > 0 && Collect(static rumour => rumour.FollowersFrom) is { Count: > 0 } forFollowers)
        {
            SendToFollowers(Encode(forFollowers));
            forFollowers.ForEach(static told => told.Rumour.ToldFollowers());
        }

        if (Collect(static rumour => rumour.From) is { Count: > 0 } forMembers)
        {
            byte[] bytes = Encode(forMembers);
            peers.Next(timing.Fanout, _chosen);
            foreach (PeerId peer in _chosen)
            {
                outbox.Send(peer, bytes);
            }

            forMembers.ForEach(told => told.Rumour.ToldMembers(_round));
        }

        if (peers.Followers.Count == 0)
        {
            _rumours.ForEach(static rumour => rumour.ToldFollowers());
        }

        _rumours.RemoveAll(rumour => rumour.IsOver && _byLog.Remove(rumour.Log));
        Deadline = _rumours.Count > 0 ? now + timing.GossipInterval : RegistryTiming.Never;
    }

    /// <summary>The view changed: what gone writers wrote is told no more.</summary>
    public void HandleView()
    {
        bool isAlone = peers.OtherMembers + peers.Followers.Count == 0;
        _rumours.RemoveAll(rumour => (isAlone || table.Find(rumour.Log.Writer.JoinIndex) != rumour.Log) && _byLog.Remove(rumour.Log));
        if (_rumours.Count == 0)
        {
            Deadline = RegistryTiming.Never;
        }
    }

    /// <summary>Deltas for one message. Those that found no place come first next time.</summary>
    private List<(Rumour Rumour, Delta Delta)> Collect(Func<Rumour, ulong?> from)
    {
        var chosen = new List<(Rumour Rumour, Delta Delta)>();
        int bytesLeft = limits.ChunkBytesMax - DeltaBatch.HeaderBytesMax;
        for (int index = 0; index < _rumours.Count && bytesLeft >= Delta.HeaderBytesMax; index++)
        {
            Rumour rumour = _rumours[index];
            if (from(rumour) is not { } version)
            {
                continue;
            }

            // Cut short or only announced: whoever then sees that there is more asks for it.
            Delta delta = Cut(rumour.Log, version, bytesLeft) ?? rumour.Log.Advertise();
            bytesLeft -= delta.WireBytesMax;
            chosen.Add((rumour, delta));
        }

        if (chosen.Count < _rumours.Count)
        {
            foreach ((Rumour rumour, _) in chosen)
            {
                _rumours.Remove(rumour);
                _rumours.Add(rumour);
            }
        }

        return chosen;
    }

    private static Delta? Cut(WriterLog log, ulong from, int bytesMax) => log.RemembersSince(from) ? log.CutStep(from, bytesMax) : null;

    private byte[] Encode(List<(Rumour Rumour, Delta Delta)> told) =>
        outbox.Encode(new DeltaBatch(table.View.Epoch, 0, DeltaBatchFlags.None, [.. told.Select(static told => told.Delta)]));

    private void SendToFollowers(byte[] bytes)
    {
        foreach (RegistrySource follower in peers.Followers)
        {
            outbox.Send(follower.Id, bytes);
        }
    }
}
