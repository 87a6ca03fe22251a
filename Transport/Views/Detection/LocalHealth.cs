namespace Kameo.Actors.Transport.Views.Detection;

/// <summary>How far this node trusts its own judgement (Lifeguard, DSN 2018): the more signs that it is itself slow or cut off, the longer it waits before it accuses others.</summary>
internal sealed class LocalHealth
{
    private TimeSpan _improvesAt;

    /// <summary>0 is healthy, <see cref="ViewLimits.LocalHealthMax"/> the worst.</summary>
    public int Score { get; private set; }

    /// <summary>A sign against this node: its tick was late, or a helper heard whom it did not hear.</summary>
    public void Worsen(TimeSpan now)
    {
        Score = Math.Min(ViewLimits.LocalHealthMax, Score + 1);
        _improvesAt = now + TimeSpan.FromSeconds(1);
    }

    /// <summary>Time without a sign.</summary>
    public void Tick(TimeSpan now)
    {
        if (Score > 0 && now >= _improvesAt)
        {
            Score--;
            _improvesAt = now + TimeSpan.FromSeconds(1);
        }
    }

    /// <summary>Stretches a patience, at worst to twice its length.</summary>
    public TimeSpan Stretch(TimeSpan patience) => patience + (patience * Score / ViewLimits.LocalHealthMax);
}
