namespace Kameo.Actors;

/// <summary>A timer of an activation, made by <see cref="Actor.RegisterTimer(Func{CancellationToken, Task}, ActorTimerOptions)"/>. Its members may be called from any thread.</summary>
/// <remarks>Shaped after Orleans 10's <c>IGrainTimer</c>.</remarks>
public interface IActorTimer : IDisposable
{
    /// <summary>Sets when it ticks next, and then. A tick that waits for its turn is withdrawn; one that runs goes on, and the next one starts no earlier than its end.</summary>
    /// <param name="dueTime">From now to the next tick; <see cref="Timeout.InfiniteTimeSpan"/>: never. Not negative; at most <see cref="ActorTimerOptions.TimeMax"/>.</param>
    /// <param name="period">From the end of a tick to the next; zero or <see cref="Timeout.InfiniteTimeSpan"/>: it ticks once. Not negative; at most <see cref="ActorTimerOptions.TimeMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of its bounds.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed, or its activation has ended.</exception>
    void Change(TimeSpan dueTime, TimeSpan period);
}
