using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Timers;

/// <summary>A timer, and the call that its ticks are: one object, which is in the mailbox, in a turn, or waiting for its time; so ticks never overlap and allocate nothing.</summary>
/// <remarks>
/// The clock's callback puts it into the mailbox, as a tell of the activation to itself; when the turn lets go of it (<see cref="ReturnToPool"/>) the clock is set again, so the next period is counted from
/// the end of the tick. The state below is under <c>_lock</c>; the clock's methods are called with it held, and may call back on the same thread.
/// </remarks>
internal abstract class ActorTimer : VoidActorCall, IActorTimer
{
    private static readonly TimeSpan s_grain = TimeSpan.FromMilliseconds(1);
    private static readonly ActorMethod s_tick = Describe(ActorMethodOptions.Background);
    private static readonly ActorMethod s_tickInterleaved = Describe(ActorMethodOptions.Background | ActorMethodOptions.AlwaysInterleave);
    private static readonly ActorMethod s_tickUsing = Describe(ActorMethodOptions.None);
    private static readonly ActorMethod s_tickUsingInterleaved = Describe(ActorMethodOptions.AlwaysInterleave);

    private readonly Lock _lock = new();
    private readonly Activation _activation;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _clock;
    private TimeSpan _period;
    private long _dueAt;

    /// <summary>When the clock was last set to fire; what it tells before that is of an older time.</summary>
    private long _notBefore;
    private bool _isDueSet;
    private bool _isTicking;
    private bool _isDisposed;

    private protected ActorTimer(Activation activation, ActorTimerOptions options)
    {
        _activation = activation;
        _period = options.Period;
        Method = (options.Interleave, options.KeepAlive) switch
        {
            (false, false) => s_tick,
            (true, false) => s_tickInterleaved,
            (false, true) => s_tickUsing,
            (true, true) => s_tickUsingInterleaved,
        };

        // What the registering turn carries is not for the ticks, and not to be kept alive by the clock.
        using AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        _clock = Time.CreateTimer(static timer => ((ActorTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public sealed override ActorMethod Method { get; }

    /// <summary>Cancelled when it is disposed, and when its activation is about to end.</summary>
    private protected CancellationToken Stopped => _stop.Token;

    private TimeProvider Time => _activation.Node.Clock.Provider;

    /// <inheritdoc/>
    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ActorTimerOptions.Check(dueTime, nameof(dueTime));
        ActorTimerOptions.Check(period, nameof(period));
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IActorTimer));
            _period = period;
            if (_isTicking)
            {
                // Set when the tick has ended, or was dropped: due from now all the same.
                _isDueSet = true;
                _dueAt = DueAt(dueTime);
            }
            else
            {
                _notBefore = DueAt(dueTime);
                _clock.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Stops it: a tick that waits is not run, one that runs has its token cancelled.</summary>
    public void Dispose()
    {
        if (Stop())
        {
            _activation.Forget(this);
        }
    }

    /// <summary>Stops it; whoever calls takes it out of its activation's timers.</summary>
    /// <returns>Whether it was not stopped before.</returns>
    public bool Stop()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return false;
            }

            _isDisposed = true;
            _clock.Dispose();
        }

        // What the token's holders registered runs on the pool, not here: this may be the executor.
        _ = _stop.CancelAsync();
        return true;
    }

    /// <inheritdoc/>
    public sealed override ValueTask Invoke(object actor)
    {
        lock (_lock)
        {
            if (_isDisposed || _isDueSet)
            {
                return default; // Stopped, or set to another time, while it waited for its turn.
            }
        }

        return Tick();
    }

    /// <inheritdoc/>
    public sealed override void EncodeArguments(ref MessagePackWriter writer) => throw NotSent();

    /// <inheritdoc/>
    public sealed override void DecodeArguments(ref MessagePackReader reader) => throw NotSent();

    /// <inheritdoc/>
    public sealed override void CopyArguments()
    {
        // A tick has none.
    }

    /// <inheritdoc/>
    public sealed override void ClearArguments()
    {
        // The callback is kept for the next tick.
    }

    /// <summary>The tick has ended, or was dropped: sets the clock for the next one.</summary>
    public sealed override void ReturnToPool()
    {
        lock (_lock)
        {
            _isTicking = false;
            if (_isDisposed)
            {
                return;
            }

            TimeSpan next = _period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : _period;
            if (_isDueSet)
            {
                _isDueSet = false;
                next = Left(_dueAt);
            }

            _notBefore = DueAt(next);
            _clock.Change(next, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Runs the callback.</summary>
    private protected abstract ValueTask Tick();

    private protected override bool IsCancelled(Exception exception) => exception is OperationCanceledException && _stop.IsCancellationRequested;

    private protected override void ReportFailedTell(Exception exception) => LifeLog.TimerFailed(_activation.Node.Logger, exception, _activation.Id.ToString());

    private static ActorMethod Describe(ActorMethodOptions options) => new("the tick of a timer", 0, options, static () => throw NotSent());

    private static InvalidOperationException NotSent() => new("The tick of a timer does not travel.");

    private long DueAt(TimeSpan dueTime) => dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : Time.GetTimestamp() + (long)(dueTime.TotalSeconds * Time.TimestampFrequency);

    private TimeSpan Left(long dueAt) => dueAt == long.MaxValue ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(Math.Max(0, Time.GetElapsedTime(Time.GetTimestamp(), dueAt).Ticks));

    /// <summary>Its time has come; on the clock's thread.</summary>
    private void OnDue()
    {
        lock (_lock)
        {
            if (_isDisposed || _isTicking)
            {
                return;
            }

            if (Left(_notBefore) is var left && left != TimeSpan.Zero)
            {
                // This is of the time before: it was under way when the time was changed. Set again all the same, since a clock may be early by its grain.
                _clock.Change(left == Timeout.InfiniteTimeSpan ? left : left + s_grain, Timeout.InfiniteTimeSpan);
                return;
            }

            _isTicking = true;
            Node = _activation.Node;
            Target = _activation.Id;
            IsTell = true;
            DeadlineMilliseconds = long.MaxValue;
            HeldBy(1);
            if (!_activation.TryEnqueue(this, out _))
            {
                return; // The activation has ended.
            }
        }

        _activation.Schedule();
    }
}

/// <summary>A timer whose callback gives a task.</summary>
/// <typeparam name="TState">What the callback gets.</typeparam>
internal sealed class TaskTimer<TState>(Activation activation, Func<TState, CancellationToken, Task> callback, TState state, ActorTimerOptions options) : ActorTimer(activation, options)
{
    /// <inheritdoc/>
    private protected override ValueTask Tick() => new(callback(state, Stopped));
}

/// <summary>A timer whose callback gives a value task.</summary>
/// <typeparam name="TState">What the callback gets.</typeparam>
internal sealed class ValueTaskTimer<TState>(Activation activation, Func<TState, CancellationToken, ValueTask> callback, TState state, ActorTimerOptions options) : ActorTimer(activation, options)
{
    /// <inheritdoc/>
    private protected override ValueTask Tick() => callback(state, Stopped);
}
