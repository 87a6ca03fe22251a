using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <content>How long changes take until every member knows them: measured whether or not somebody waits, by one wait of its own now and then.</content>
internal sealed partial class ClusterNames
{
    /// <summary>Between two measurements: each member is asked once for each.</summary>
    private const long SampleEveryMilliseconds = 10_000;

    /// <summary>When one is given up, so that a member that does not answer stops no later one.</summary>
    private static readonly TimeSpan s_sampleMax = TimeSpan.FromSeconds(30);

    private long _sampledAt = -SampleEveryMilliseconds;
    private long _lastConvergence = -1;
    private volatile bool _isSampling;

    /// <summary>How long changes that were measured, or that somebody waited for, took until every member knew them.</summary>
    public Action<TimeSpan>? Converged { get; set; }

    /// <summary>The last of these; null when there was none. Any thread.</summary>
    public TimeSpan? LastConvergence => Volatile.Read(ref _lastConvergence) is >= 0 and long milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    /// <summary>Waits of callers and of clients: those of the core but for its own.</summary>
    private int WaitCount => _waits.Count - (_isSampling ? 1 : 0);

    /// <summary>A measured change is known everywhere, or was given up. Any thread.</summary>
    /// <param name="written">When it was made.</param>
    /// <param name="outcome">How the wait ended.</param>
    public void OnSampled(long written, WaitOutcome outcome)
    {
        _isSampling = false;
        if (outcome == WaitOutcome.Visible)
        {
            OnConverged(written);
        }
    }

    private void OnConverged(long written)
    {
        long took = Node.Clock.NowMilliseconds - written;
        Volatile.Write(ref _lastConvergence, took);
        Converged?.Invoke(TimeSpan.FromMilliseconds(took));
    }

    /// <summary>Names of this node were written: measures it if it is time for that. A member alone has nothing to measure.</summary>
    private void SampleLocked(ulong version)
    {
        long now = Node.Clock.NowMilliseconds;
        if (_isSampling || now - _sampledAt < SampleEveryMilliseconds || version == 0 || !_core.IsMember || _core.View.Count == 1)
        {
            return;
        }

        int id = _core.WaitVisible(Now, version, Now + s_sampleMax);
        if (id != 0)
        {
            _isSampling = true;
            _sampledAt = now;
            _waits.Add(id, new ConvergenceSample(this, now));
        }
    }
}
