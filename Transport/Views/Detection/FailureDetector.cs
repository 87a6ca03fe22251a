using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Detection;

/// <summary>
/// Watches the members that follow this one in the rings of the view, by SWIM (DSN 2002) with Lifeguard: any frame is a sign of life, silence is answered by a ping, then by helpers that probe on their own
/// paths and by an accusation to the suspect, then by a verdict. A verdict is repeated while it holds; any frame takes it back.
/// </summary>
/// <remarks>Pure, no concurrency. The leader judges: see <see cref="AccusationBook"/>.</remarks>
internal sealed class FailureDetector
{
    private readonly MemberId _self;
    private readonly ViewTiming _timing;
    private readonly Random _random;
    private readonly Action<MemberId, ViewMessage> _send;
    private readonly Func<MemberId, bool> _hasTried;
    private readonly Dictionary<MemberId, TimeSpan> _heard = [];
    private readonly List<Watched> _watched = [];
    private readonly List<Help> _helping = [];
    private readonly LocalHealth _health = new();
    private View? _view;

    /// <param name="self">This node in this life.</param>
    /// <param name="timing">Durations.</param>
    /// <param name="random">Chooses helpers.</param>
    /// <param name="send">Takes what is to be sent.</param>
    /// <param name="hasTried">Whether this node has a connection to a member or failed to get one, so that its silence means something.</param>
    public FailureDetector(MemberId self, ViewTiming timing, Random random, Action<MemberId, ViewMessage> send, Func<MemberId, bool> hasTried)
    {
        _self = self;
        _timing = timing;
        _random = random;
        _send = send;
        _hasTried = hasTried;
    }

    /// <summary>When <see cref="Tick"/> is to be called.</summary>
    public TimeSpan NextTick { get; private set; }

    /// <summary>The verdicts that hold; emptied by whoever passes them on.</summary>
    public List<Verdict> Verdicts { get; } = [];

    /// <summary>How many are suspected.</summary>
    public int Suspects => _watched.Count(static one => one.IsSuspected);

    /// <summary>Whom this node watches.</summary>
    public IEnumerable<MemberId> Subjects => _watched.Select(static one => one.Id);

    /// <summary>A view was installed.</summary>
    public void Install(TimeSpan now, View view)
    {
        _view = view;
        List<MemberId> subjects = WatchRings.WatchedBy(_self, view);
        _watched.RemoveAll(one => !subjects.Contains(one.Id));
        foreach (MemberId subject in subjects)
        {
            if (!_watched.Exists(one => one.Id == subject))
            {
                _watched.Add(new Watched(subject, now));
            }
        }

        foreach (MemberId id in _heard.Keys.Where(id => !view.Contains(id)).ToArray())
        {
            _heard.Remove(id);
        }

        foreach (MemberId subject in subjects)
        {
            _heard.TryAdd(subject, now);
        }
    }

    /// <summary>A frame of a member came, or one that proves that it lives.</summary>
    public void Heard(TimeSpan now, in MemberId id)
    {
        if (_view is { } view && view.Contains(id))
        {
            _heard[id] = now;
        }
    }

    /// <summary>When a member was heard last; for one that is watched at least when that began, for any other long ago if never.</summary>
    public TimeSpan HeardAt(in MemberId id) => _heard.TryGetValue(id, out TimeSpan at) ? at : ViewTiming.LongAgo;

    /// <summary>The connection to a member ended.</summary>
    public void ConnectionEnded(TimeSpan now, in MemberId id, bool goodbye)
    {
        if (Find(id) is { } watched)
        {
            watched.EndedAt = now;
            watched.IsRefused = watched.SaidGoodbye = goodbye;
        }
    }

    /// <summary>A connection to a member is up.</summary>
    public void ConnectionUp(TimeSpan now, in MemberId id)
    {
        Heard(now, id);
        if (Find(id) is { } watched)
        {
            watched.EndedAt = TimeSpan.MaxValue;
            watched.IsRefused = watched.SaidGoodbye = false;
        }
    }

    /// <summary>A dial to a member's address was answered: refused, or by somebody else. Not answered at all is no sign of death.</summary>
    public void Refused(TimeSpan now, in MemberId id)
    {
        if (Find(id) is { } watched)
        {
            watched.IsRefused = true;
            watched.EndedAt = watched.EndedAt == TimeSpan.MaxValue ? now : watched.EndedAt;
        }
    }

    /// <summary>A dial to a member's address timed out: what was refused before may be up again.</summary>
    public void TimedOut(in MemberId id)
    {
        if (Find(id) is { SaidGoodbye: false } watched)
        {
            watched.IsRefused = false;
        }
    }

    /// <summary>Moves all deadlines by which others are judged.</summary>
    public void Postpone(TimeSpan now, TimeSpan late)
    {
        _health.Worsen(now);
        foreach (MemberId id in _heard.Keys.ToArray())
        {
            _heard[id] += late;
        }

        foreach (Watched watched in _watched)
        {
            if (watched.EndedAt != TimeSpan.MaxValue)
            {
                watched.EndedAt += late;
            }
        }

        foreach (Help help in _helping)
        {
            help.Until += late;
        }
    }

    /// <summary>Handles a message of a member.</summary>
    /// <returns>Whether it was one of detection's.</returns>
    public bool Handle(TimeSpan now, in MemberId from, ViewMessage message)
    {
        switch (message)
        {
            case Ping:
                _send(from, Pong.Instance);
                return true;
            case Pong:
                return true;
            case Accusation accusation:
                _send(from, Pong.Instance);
                if (accusation.Accuser != from)
                {
                    _send(accusation.Accuser, Pong.Instance);
                }

                return true;
            case ProbeRequest request:
                HandleProbeRequest(now, from, request.Subject);
                return true;
            case ProbeReply reply:
                HandleProbeReply(now, from, reply);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Looks at every watched member and every suspect probed for others.</summary>
    public void Tick(TimeSpan now)
    {
        NextTick = now + _timing.DetectorTick;
        _health.Tick(now);
        foreach (Watched watched in _watched)
        {
            Look(now, watched);
        }

        for (int i = _helping.Count - 1; i >= 0; i--)
        {
            Help help = _helping[i];
            bool heard = HeardAt(help.Subject) > help.Since;
            if (heard || now >= help.Until)
            {
                if (heard || _hasTried(help.Subject))
                {
                    _send(help.Asker, new ProbeReply(help.Subject, heard, Silence(now, help.Subject)));
                }

                _helping.RemoveAt(i);
            }
        }
    }

    private void Look(TimeSpan now, Watched watched)
    {
        if (watched.IsRefused && now - watched.EndedAt >= (watched.SaidGoodbye ? TimeSpan.Zero : _timing.KilledAfter))
        {
            Repeat(now, watched, DepartureCause.Killed);
        }

        TimeSpan heardAt = HeardAt(watched.Id);
        TimeSpan silence = now - heardAt;
        if (silence < _timing.ProbeEvery)
        {
            watched.Acquit();
            return;
        }

        if (heardAt > watched.SuspectedAt)
        {
            watched.Acquit();
        }

        if (now - watched.PingedAt >= _timing.ProbeEvery)
        {
            watched.PingedAt = now;
            _send(watched.Id, Ping.Instance);
        }

        if (silence >= _timing.SuspectAfter && (!watched.IsSuspected || now - watched.AskedAt >= 2 * _timing.HelperWaits))
        {
            Suspect(now, watched);
        }

        if (watched.IsSuspected && silence >= _health.Stretch(_timing.SilentAfter) && watched.Denials.Count >= HelpersNeeded(watched))
        {
            Repeat(now, watched, DepartureCause.Silent);
        }
    }

    private void Suspect(TimeSpan now, Watched watched)
    {
        if (!watched.IsSuspected)
        {
            watched.SuspectedAt = now;
        }

        watched.AskedAt = now;
        _send(watched.Id, new Accusation(_self));
        List<MemberId> helpers = Helpers(watched);
        for (int i = 0; i < Math.Min(ViewLimits.HelpersMax, helpers.Count); i++)
        {
            int at = _random.Next(i, helpers.Count);
            (helpers[i], helpers[at]) = (helpers[at], helpers[i]);
            _send(helpers[i], new ProbeRequest(watched.Id));
        }
    }

    /// <summary>Who may help: those this node watches too, and does not suspect.</summary>
    private List<MemberId> Helpers(Watched subject)
    {
        List<MemberId> helpers = new(_watched.Count);
        foreach (Watched other in _watched)
        {
            if (other != subject && !other.IsSuspected)
            {
                helpers.Add(other.Id);
            }
        }

        return helpers;
    }

    private int HelpersNeeded(Watched subject) => Math.Min(ViewLimits.HelpersMax, _watched.Count(other => other != subject && !other.IsSuspected));

    private void HandleProbeRequest(TimeSpan now, in MemberId asker, in MemberId subject)
    {
        if (now - HeardAt(subject) < _timing.ProbeEvery / 2)
        {
            _send(asker, new ProbeReply(subject, IsHeard: true, Silence(now, subject)));
            return;
        }

        MemberId accuser = asker;
        MemberId suspect = subject;
        if (_helping.Count < ViewLimits.WatchedMax * ViewLimits.WatchedMax && !_helping.Exists(help => help.Asker == accuser && help.Subject == suspect))
        {
            _helping.Add(new Help { Asker = asker, Subject = subject, Since = now, Until = now + _timing.HelperWaits });
        }

        _send(subject, new Accusation(asker));
    }

    private void HandleProbeReply(TimeSpan now, in MemberId helper, ProbeReply reply)
    {
        if (Find(reply.Subject) is not { } watched)
        {
            return;
        }

        if (reply.IsHeard)
        {
            if (watched.IsSuspected)
            {
                _health.Worsen(now);
            }

            Heard(now, reply.Subject);
        }
        else if (watched.IsSuspected)
        {
            // Silent for S by any path: what the helper heard before counts too.
            watched.Denials.Add(helper);
            TimeSpan heardAt = now - reply.Silence;
            if (heardAt > HeardAt(reply.Subject))
            {
                _heard[reply.Subject] = heardAt;
            }
        }
    }

    private TimeSpan Silence(TimeSpan now, in MemberId subject)
    {
        TimeSpan silence = now - HeardAt(subject);
        return silence < TimeSpan.Zero ? TimeSpan.Zero : silence;
    }

    private void Repeat(TimeSpan now, Watched watched, DepartureCause cause)
    {
        if (now - watched.JudgedAt >= _timing.RetryEvery)
        {
            watched.JudgedAt = now;
            Verdicts.Add(new Verdict(_self, watched.Id, cause));
        }
    }

    private Watched? Find(in MemberId id)
    {
        foreach (Watched watched in _watched)
        {
            if (watched.Id == id)
            {
                return watched;
            }
        }

        return null;
    }

    private sealed class Watched(MemberId id, TimeSpan now)
    {
        public readonly MemberId Id = id;
        public readonly HashSet<MemberId> Denials = [];
        public TimeSpan PingedAt = now;
        public TimeSpan SuspectedAt = ViewTiming.LongAgo;
        public TimeSpan AskedAt;
        public TimeSpan JudgedAt = now - TimeSpan.FromHours(1);
        public TimeSpan EndedAt = TimeSpan.MaxValue;
        public bool IsRefused;
        public bool SaidGoodbye;

        public bool IsSuspected => SuspectedAt != ViewTiming.LongAgo;

        public void Acquit()
        {
            if (IsSuspected)
            {
                SuspectedAt = ViewTiming.LongAgo;
                Denials.Clear();
            }
        }
    }

    private sealed class Help
    {
        public MemberId Asker;
        public MemberId Subject;
        public TimeSpan Since;
        public TimeSpan Until;
    }
}
