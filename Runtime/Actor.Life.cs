using System.Runtime.CompilerServices;
using Kameo.Actors.Timers;

namespace Kameo.Actors;

/// <content>Timers and supervision.</content>
public abstract partial class Actor
{
    /// <summary>Most timers that an activation has at a time.</summary>
    public const int TimersMax = 256;

    /// <summary>Starts a timer whose ticks are turns of this activation. Called in a turn or the constructor.</summary>
    /// <remarks>
    /// Ticks never overlap: the next one is due a period after the last one ended. What a tick throws is logged, counts as a failure of the actor (<see cref="OnFailureAttribute"/>), and the timer goes on.
    /// Time is the node's <see cref="TimeProvider"/>. When the activation is about to end its timers are stopped, before <see cref="OnDeactivateAsync"/>: a tick that waits is not run, the token of one that
    /// runs is cancelled. A lambda marked <c>async</c> is taken as one that gives a <see cref="Task"/>.
    /// </remarks>
    /// <param name="callback">What a tick runs; its token is cancelled when the timer is disposed or the activation is about to end.</param>
    /// <param name="options">When it ticks, and how.</param>
    /// <returns>The timer; disposing it stops it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of its bounds.</exception>
    /// <exception cref="InvalidOperationException">It is called outside of the actor's turns, the activation has <see cref="TimersMax"/> timers or is ending, or no node made the actor.</exception>
    protected IActorTimer RegisterTimer(Func<CancellationToken, Task> callback, ActorTimerOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RegisterTimer(static (run, cancellation) => run(cancellation), callback, options);
    }

    /// <inheritdoc cref="RegisterTimer(Func{CancellationToken, Task}, ActorTimerOptions)"/>
    [OverloadResolutionPriority(-1)]
    protected IActorTimer RegisterTimer(Func<CancellationToken, ValueTask> callback, ActorTimerOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return RegisterTimer(static (run, cancellation) => run(cancellation), callback, options);
    }

    /// <inheritdoc cref="RegisterTimer(Func{CancellationToken, Task}, ActorTimerOptions)"/>
    /// <param name="callback">What a tick runs, with the state.</param>
    /// <param name="state">What the callback gets: so it need not capture anything.</param>
    /// <param name="options">When it ticks, and how.</param>
    protected IActorTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, ActorTimerOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Check(options);
        return Here.Register(new TaskTimer<TState>(Here, callback, state, options), options);
    }

    /// <inheritdoc cref="RegisterTimer{TState}(Func{TState, CancellationToken, Task}, TState, ActorTimerOptions)"/>
    [OverloadResolutionPriority(-1)]
    protected IActorTimer RegisterTimer<TState>(Func<TState, CancellationToken, ValueTask> callback, TState state, ActorTimerOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Check(options);
        return Here.Register(new ValueTaskTimer<TState>(Here, callback, state, options), options);
    }

    /// <summary>Decides what becomes of this activation after one of its methods, timers or link notices threw. Runs in the turn that failed, before the caller gets the exception.</summary>
    /// <remarks>Not asked about a call that its caller cancelled. If it throws, that is logged, and the class's attribute decides.</remarks>
    /// <param name="exception">What was thrown.</param>
    /// <returns>What to do; here: what <see cref="OnFailureAttribute"/> of the class says. Its limits count for what an override decides too.</returns>
    public virtual FailurePolicy DecideOnFailure(Exception exception) => _activation?.Terms.Failure.Policy ?? FailurePolicy.Propagate;

    private static void Check(ActorTimerOptions options)
    {
        ActorTimerOptions.Check(options.DueTime, nameof(options));
        ActorTimerOptions.Check(options.Period, nameof(options));
    }
}
