using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>Asks for what is missing and answers those who ask. One pull to a peer at a time and few in all, so whoever is behind sets the pace of what it gets.</summary>
internal sealed class Pulls(RegistryTable table, Peers peers, RegistryOutbox outbox, RegistryLimits limits, RegistryTiming timing, RegistryCounters counters)
{
    private readonly List<(WriterLog Log, PeerId From)> _wanted = [];
    private readonly List<UnderWay> _underWay = [];
    private readonly ByteBudget _answerBytes = new(limits.AnswerBytesPerSecondMax);
    private uint _lastId;

    /// <summary>When the oldest pull has waited long enough.</summary>
    public TimeSpan Deadline => _underWay.Count > 0 ? _underWay[0].Until : RegistryTiming.Never;

    /// <summary>Pulls under way.</summary>
    public int Count => _underWay.Count;

    /// <summary>Whether nothing is being asked for.</summary>
    public bool IsIdle => _underWay.Count == 0 && _wanted.Count == 0;

    /// <summary>A peer knows more of a writer than this node.</summary>
    public void Want(TimeSpan now, WriterLog log, PeerId from)
    {
        if (!log.IsWanted && now >= log.LeftAloneUntil && log != table.Own.Log && peers.MayBeAsked(from))
        {
            log.IsWanted = true;
            _wanted.Add((log, from));
        }
    }

    /// <summary>Sends what may be asked now.</summary>
    public void Send(TimeSpan now)
    {
        for (int index = 0; index < _wanted.Count && _underWay.Count < limits.PullsMax;)
        {
            PeerId peer = _wanted[index].From;
            if (_underWay.Exists(pull => pull.Peer == peer))
            {
                index++;
                continue;
            }

            List<WriterLog> logs = [.. _wanted.Where(wanted => wanted.From == peer).Take(limits.WantsPerPullMax).Select(static wanted => wanted.Log)];
            _wanted.RemoveAll(wanted => wanted.From == peer && logs.Contains(wanted.Log));
            uint id = ++_lastId == 0 ? ++_lastId : _lastId; // 0 stands for no pull.
            _underWay.Add(new UnderWay(id, peer, now + timing.PullTimeout, logs));
            counters.Pulls++;
            outbox.Send(peer, new Pull(table.View.Epoch, id, [.. logs.Select(static log => new Want(log.Writer.JoinIndex, log.Counter, log.Cursor))]));
            index = 0;
        }
    }

    /// <summary>An answer came: what was asked for with it, or nothing when it is late.</summary>
    public IReadOnlyList<WriterLog> Take(PeerId peer, uint id)
    {
        int index = _underWay.FindIndex(pull => pull.Peer == peer && pull.Id == id);
        if (index < 0)
        {
            return [];
        }

        List<WriterLog> logs = _underWay[index].Logs;
        _underWay.RemoveAt(index);
        logs.ForEach(static log => log.IsWanted = false);
        return logs;
    }

    /// <summary>Gives up what was not answered in time.</summary>
    /// <returns>Whether there was any.</returns>
    public bool HandleDeadline(TimeSpan now)
    {
        bool any = false;
        while (_underWay.Count > 0 && _underWay[0].Until <= now)
        {
            counters.PullsTimedOut++;
            Take(_underWay[0].Peer, _underWay[0].Id);
            any = true;
        }

        return any;
    }

    /// <summary>Who may be asked has changed.</summary>
    public void HandleView()
    {
        _wanted.RemoveAll(wanted =>
        {
            bool isOver = table.Find(wanted.Log.Writer.JoinIndex) != wanted.Log || !peers.MayBeAsked(wanted.From);
            wanted.Log.IsWanted &= !isOver;
            return isOver;
        });
        foreach (UnderWay pull in _underWay.FindAll(pull => !peers.MayBeAsked(pull.Peer)))
        {
            Take(pull.Peer, pull.Id);
        }
    }

    /// <summary>Answers a pull with as much as one message holds, in the order in which it was asked for.</summary>
    public void Answer(TimeSpan now, PeerId to, Pull pull, DeltaBatchFlags flags)
    {
        if (!_answerBytes.Has(now, limits.ChunkBytesMax))
        {
            counters.PullsNotAnswered++;
            return;
        }

        var deltas = new List<Delta>();
        int bytesLeft = limits.ChunkBytesMax - DeltaBatch.HeaderBytesMax;
        foreach (Want want in pull.Wants)
        {
            if (table.Find(want.JoinIndex) is not { } log || log.Counter <= want.Counter)
            {
                continue;
            }

            bool inSteps = log.RemembersSince(want.Counter);
            if ((inSteps ? log.CutStep(want.Counter, bytesLeft) : log.CutSweep(want.Cursor, want.Counter, bytesLeft)) is not { } delta)
            {
                break;
            }

            counters.SweepsSent += inSteps ? 0 : 1;
            bytesLeft -= delta.WireBytesMax;
            deltas.Add(delta);
        }

        byte[] bytes = outbox.Encode(new DeltaBatch(table.View.Epoch, pull.Id, flags, [.. deltas]));
        _answerBytes.Use(bytes.Length);
        outbox.Send(to, bytes);
    }

    private sealed record UnderWay(uint Id, PeerId Peer, TimeSpan Until, List<WriterLog> Logs);
}
