using Kameo.Actors.Activations;

namespace Kameo.Actors.Collection;

/// <summary>Asks activations to end that were idle for their age, and under memory pressure those used longest ago. Runs on the thread pool, one pass at a time, driven by the node's tick.</summary>
/// <remarks>One that has nothing to do at its end is ended at once. The others are only asked: an activation that is used before it gets to that stays.</remarks>
/// <param name="node">The node.</param>
internal sealed class ActivationCollector(ActorNode node) : IThreadPoolWorkItem
{
    private static readonly TimeSpan s_periodMax = TimeSpan.FromSeconds(10);

    private long _nextIdle = node.Clock.After(s_periodMax);
    private long _nextPoll = node.Clock.After(node.Options.MemoryUsagePollingPeriod);
    private long _lastGeneration = -1;
    private int _isRunning;
    private int _isMissed;

    /// <summary>Whether a pass runs, or is about to.</summary>
    public bool IsRunning => Volatile.Read(ref _isRunning) != 0;

    /// <summary>Starts a pass if one is due and none runs. The node's tick.</summary>
    public void Tick(long now)
    {
        if (now < Volatile.Read(ref _nextIdle) && (!node.Options.ShedOnMemoryPressure || now < Volatile.Read(ref _nextPoll)))
        {
            return;
        }

        // A tick that finds the one before it still at work is not lost: that one looks for it when it ends.
        Volatile.Write(ref _isMissed, 1);
        if (Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            Interlocked.Exchange(ref _isMissed, 0);
            long now = node.Clock.NowMilliseconds;
            if (now >= _nextIdle)
            {
                CollectIdle(now);
                node.Failures.Sweep();
                node.Observers.Sweep();
                TimeSpan age = node.Activations.ShortestAge;
                Volatile.Write(ref _nextIdle, now + (long)Math.Ceiling((age < s_periodMax ? age : s_periodMax).TotalMilliseconds)); // From when it looked: what became idle meanwhile, a tick that was missed may find.
            }

            if (node.Options.ShedOnMemoryPressure && now >= _nextPoll)
            {
                Volatile.Write(ref _nextPoll, node.Clock.After(node.Options.MemoryUsagePollingPeriod));
                ShedIfPressed(now, node.Options.MemoryReader());
            }
        }
        finally
        {
            Interlocked.Exchange(ref _isRunning, 0);
            if (Volatile.Read(ref _isMissed) != 0)
            {
                Tick(node.Clock.NowMilliseconds);
            }
        }
    }

    private void CollectIdle(long now)
    {
        foreach (Activation one in node.Activations.All)
        {
            if (one.IsIdle(now))
            {
                one.EndIdleOrAsk(DeactivationReason.Idle);
            }
        }
    }

    /// <summary>Sheds so much that use would be at the target if all memory in use were actors; once for each reading of the garbage collector, which says nothing new before it has run again.</summary>
    private void ShedIfPressed(long now, MemoryReading reading)
    {
        if (reading.UsedPercent < node.Options.MemoryUsageLimitPercentage || reading.Generation == _lastGeneration)
        {
            return;
        }

        _lastGeneration = reading.Generation;
        int count = node.Activations.Count;
        long wanted = (long)Math.Ceiling(count * (reading.UsedPercent - node.Options.MemoryUsageTargetPercentage) / reading.UsedPercent);
        LifeLog.Shedding(node.Logger, reading.UsedPercent, wanted, count);
        long until = LeastRecentlyUsed.Find(node.Activations.All.Where(one => one.IsUnused(now)).Select(static one => one.LastUsed), wanted);
        foreach (Activation one in node.Activations.All)
        {
            if (wanted > 0 && one.LastUsed <= until && one.IsUnused(now))
            {
                one.EndIdleOrAsk(DeactivationReason.MemoryPressure);
                wanted--;
            }
        }
    }
}
