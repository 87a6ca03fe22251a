using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Detection;

/// <summary>
/// The leader's judgement: killed takes two accusers (one in a cluster of two), silent one, and for both no sign of life may have reached the leader itself by any path.
/// </summary>
/// <param name="timing">Durations.</param>
/// <param name="detector">What this node heard.</param>
internal sealed class AccusationBook(ViewTiming timing, FailureDetector detector)
{
    private TimeSpan? _guiltySince;
    private readonly Dictionary<MemberId, List<(MemberId Accuser, DepartureCause Cause, TimeSpan At)>> _accusations = [];

    /// <summary>Whether there is anything to judge.</summary>
    public bool IsEmpty => _accusations.Count == 0;

    /// <summary>Takes down an accusation. Accusers repeat it while it holds; one that is not repeated lapses.</summary>
    public void Accuse(TimeSpan now, Verdict verdict)
    {
        if (!_accusations.TryGetValue(verdict.Subject, out var list))
        {
            _accusations.Add(verdict.Subject, list = []);
        }

        list.RemoveAll(one => one.Accuser == verdict.Accuser && one.Cause == verdict.Cause);
        list.Add((verdict.Accuser, verdict.Cause, now));
    }

    /// <summary>Whether somebody says that a member was killed.</summary>
    public bool IsKilled(in MemberId subject) => _accusations.TryGetValue(subject, out var list) && list.Exists(static one => one.Cause == DepartureCause.Killed);

    /// <summary>Forgets all: this node does not lead any more.</summary>
    public void Forget() => _accusations.Clear();

    /// <summary>Who is to be evicted now. Who is guilty never waits for longer than a tick of the detector.</summary>
    /// <remarks>To be asked again within that time while it is not <see cref="IsEmpty"/>.</remarks>
    public List<Departure> Judge(TimeSpan now, View view)
    {
        List<Departure> guilty = [];
        foreach (MemberId subject in _accusations.Keys.ToArray())
        {
            var list = _accusations[subject];
            list.RemoveAll(one => now - one.At > 4 * timing.RetryEvery);
            if (list.Count == 0 || !view.Contains(subject))
            {
                _accusations.Remove(subject);
            }
            else if (Cause(now, subject, list, view) is { } cause)
            {
                guilty.Add(new Departure(subject, cause));
            }
        }

        // Of many that die at once some are accused by one only so far: a moment later they go in the same view.
        if (guilty.Count == 0 || guilty.Count == _accusations.Count)
        {
            _guiltySince = null;
            return guilty;
        }

        _guiltySince ??= now;
        if (now - _guiltySince < timing.DetectorTick)
        {
            return [];
        }

        _guiltySince = null;
        return guilty;
    }

    private DepartureCause? Cause(TimeSpan now, in MemberId subject, List<(MemberId Accuser, DepartureCause Cause, TimeSpan At)> list, View view)
    {
        TimeSpan silence = now - detector.HeardAt(subject);
        if (silence >= timing.KilledAfter && list.Count(static one => one.Cause == DepartureCause.Killed) >= Math.Min(2, view.Members.Count - 1))
        {
            return DepartureCause.Killed;
        }

        return silence >= timing.SilentAfter && list.Exists(static one => one.Cause == DepartureCause.Silent) ? DepartureCause.Silent : null;
    }
}
