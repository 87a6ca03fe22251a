using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors;

/// <summary>When an actor's timer ticks, and how. Shaped after Orleans 10's <c>GrainTimerCreationOptions</c>.</summary>
public readonly record struct ActorTimerOptions
{
    /// <summary>Leaves everything to be set.</summary>
    public ActorTimerOptions()
    {
    }

    /// <summary>Sets the times.</summary>
    [SetsRequiredMembers]
    public ActorTimerOptions(TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>The longest time that can be asked for: what <see cref="ITimer"/> takes, about 49.7 days.</summary>
    public static TimeSpan TimeMax => TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>From now to the first tick; zero: at once; <see cref="Timeout.InfiniteTimeSpan"/>: only after <see cref="IActorTimer.Change"/>.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a tick to the next one; zero or <see cref="Timeout.InfiniteTimeSpan"/>: it ticks once.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may run beside turns that wait, as an <c>[AlwaysInterleave]</c> method does. Default false: it is an exclusive turn, in line with the calls.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use, and so keeps the activation from being collected for being idle. Default false.</summary>
    public bool KeepAlive { get; init; }

    internal static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time > TimeMax))
        {
            throw new ArgumentOutOfRangeException(name, time, $"A timer's times are from zero to {TimeMax}, or Timeout.InfiniteTimeSpan.");
        }
    }
}
