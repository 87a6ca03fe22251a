using Kameo.Actors.Timers;

namespace Kameo.Actors.Activations;

/// <summary>What few activations need, in one object that is made at the first need: an idle activation without it stays small.</summary>
/// <remarks>Members say who may use them.</remarks>
internal sealed class ActivationExtras
{
    /// <summary>Under the lock of this object, as the mark below; nobody else locks it.</summary>
    private HashSet<ActorTimer>? _timers;
    private volatile MailboxOverflow? _overflow;
    private WaitingWrite? _write;
    private volatile Activation? _successor;
    private bool _areTimersStopped;
    private bool _hasInterleaving;

    /// <summary>Until when it is not collected for being idle, on the node's clock. Any thread, by <see cref="Volatile"/>.</summary>
    public long KeepUntil;

    /// <summary>The services that were made for it alone; disposed when it has been deactivated. The executor only.</summary>
    public IAsyncDisposable? Scope { get; set; }

    /// <summary>Call chains that turns have opened it to. The executor only.</summary>
    public List<(Guid Id, Turn Turn)>? Sections { get; set; }

    /// <summary>Its turns beside its own. The executor only.</summary>
    public BesideTurns? Beside { get; set; }

    /// <summary>What waits for <c>[ReadOnly]</c> turns, if anything ever had to. Set by the executor only; any thread.</summary>
    public WaitingWrite? Write
    {
        get => Volatile.Read(ref _write);
        set => Volatile.Write(ref _write, value);
    }

    /// <summary>Fires when nothing of it is entered again, for what outlives the turn that began it. The executor only.</summary>
    public CancellationTokenSource? Ended { get; set; }

    /// <summary>What its constructor has thrown on the stack of a caller, until the executor meets it. The executor only.</summary>
    public Exception? ConstructorFailure { get; set; }

    /// <summary>What it ends for, where that is a failure. The executor only.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Who takes its calls over, from before its mailbox is closed until that stands in the table. Written by the executor only; any thread.</summary>
    public Activation? Successor
    {
        get => _successor;
        set => _successor = value;
    }

    /// <summary>Senders that wait for a place in the mailbox, if any ever did. Any thread.</summary>
    public MailboxOverflow? Overflow => _overflow;

    /// <summary>Whether a timer may tick beside turns that wait. Any thread.</summary>
    public bool HasInterleaving => Volatile.Read(ref _hasInterleaving);

    /// <summary>Whether it was made for <see cref="Beside"/> alone. A glance: any thread.</summary>
    public bool HasOnlyTurns => Scope is null && Sections is null && Ended is null && Failure is null && ConstructorFailure is null && _overflow is null && Volatile.Read(ref _timers) is null && !_areTimersStopped && Volatile.Read(ref KeepUntil) == 0;

    /// <summary>The overflow, made at its first use. Any thread.</summary>
    public MailboxOverflow NeedOverflow()
    {
        if (_overflow is null)
        {
            Interlocked.CompareExchange(ref _overflow, new MailboxOverflow(), null);
        }

        return _overflow!;
    }

    /// <summary>Takes a timer in. Any thread.</summary>
    /// <exception cref="InvalidOperationException">There are too many, or the activation ends.</exception>
    public void Add(ActorTimer timer)
    {
        lock (this)
        {
            if (_areTimersStopped)
            {
                throw new InvalidOperationException("The activation is ending: it takes no more timers.");
            }

            _timers ??= [];
            if (_timers.Count == Actor.TimersMax)
            {
                throw new InvalidOperationException($"An activation has at most {Actor.TimersMax} timers; dispose those that are not needed any more.");
            }

            _timers.Add(timer);
            if ((timer.Method.Options & Calls.ActorMethodOptions.AlwaysInterleave) != 0)
            {
                Volatile.Write(ref _hasInterleaving, true); // Before its first tick is in the mailbox; partner: the executor that passes over a call.
            }
        }
    }

    /// <summary>Lets go of a timer that was disposed. Any thread.</summary>
    public void Remove(ActorTimer timer)
    {
        lock (this)
        {
            _timers?.Remove(timer);
        }
    }

    /// <summary>Stops all timers, for good. The executor only; again does nothing.</summary>
    public void StopTimers()
    {
        ActorTimer[] stopped;
        lock (this)
        {
            _areTimersStopped = true;
            stopped = _timers is null ? [] : [.. _timers];
            _timers = null;
        }

        foreach (ActorTimer timer in stopped)
        {
            timer.Stop();
        }
    }
}
