using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Kameo.Actors.Activations;
using Kameo.Actors.Errors;
using Kameo.Actors.Items;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Calls;

/// <summary>The caller's half: the awaitable. Awaited at most once, as every <see cref="ValueTask"/>.</summary>
/// <remarks>
/// The outcome is stored, then <c>_completed</c>, then the continuation slot is exchanged for a mark; whoever awaits stores what it needs, then exchanges the empty slot
/// for its continuation. Both steps are full fences on the same word: exactly one of them sees the other and runs the continuation. Whoever looks without awaiting sees that it is complete when the slot is taken, and not before: then
/// whoever completed it is done with an object that may be another call a moment later.
/// A continuation of a turn goes back to that turn without allocating: the call carries its own queue item.
/// </remarks>
public abstract partial class ActorCall : IThreadPoolWorkItem
{
    private static readonly Action<object?> s_done = static _ => throw new InvalidOperationException("The mark of a completed call was run.");

    private Action<object?>? _continuation;
    private object? _continuationState;
    private object? _scheduler;
    private Exception? _error;
    private volatile bool _completed;

    /// <summary>What a <see cref="ValueTask"/> of it must carry.</summary>
    internal short Version { get; private set; }

    /// <summary>The caller's token ends the call. Called before the caller gets the awaitable, or by one of its holders, so the object cannot be recycled meanwhile.</summary>
    internal void CancelWith(CancellationToken token, Connection? through)
    {
        ref Extras extras = ref Add();
        extras.CallerToken = token;
        extras.SentThrough = through;
        extras.CallerCancels = token.UnsafeRegister(static call => ((ActorCall)call!).OnCallerCancels(), this);

        // It may have been answered already, and perhaps nobody takes the answer. Partner: Signal, which marks it as completed, fences and then looks for the registration; one of both sees the other.
        Interlocked.MemoryBarrier();
        if (_completed)
        {
            extras.CallerCancels.Dispose(); // Waits for a callback that runs now, as in EndAwait.
        }
    }

    /// <summary>Fails it before it was sent, with an exception that the caller gets as it is.</summary>
    internal void Fail(Exception exception)
    {
        _error = exception;
        Signal(inline: false);
    }

    /// <summary>Fails an ask that this node held in its own table, and that the caller of this has taken out of it.</summary>
    internal void FailTaken(AskEnd end, string detail)
    {
        Add(); // What the transport keeps in it is no longer as it was.
        End = end;
        EndDetail = detail;
        Node.Transport.Post(this);
    }

    /// <summary>Hop 9, at the caller: reads the reply, and runs what awaits it. On the thread pool.</summary>
    internal sealed override void Complete()
    {
        try
        {
            if (End == AskEnd.Replied)
            {
                ReadReply();
            }
            else
            {
                _error = ReadFailure();
            }
        }
        catch (Exception exception)
        {
            _error = Unreadable(exception);
        }

        Reply.Release();
        Signal(inline: true);
    }

    /// <summary>Runs the continuation; queued where it must not run on the stack of whoever completed the call.</summary>
    void IThreadPoolWorkItem.Execute() => RunContinuation();

    /// <summary>Runs the continuation here.</summary>
    internal void RunContinuation()
    {
        Action<object?> continuation = _continuation!;
        object? state = _continuationState;
        ExecutionContext? flow = _hasExtras ? _extras.Flow : null;
        if (flow is null)
        {
            continuation(state);
        }
        else
        {
            ExecutionContext.Run(flow, static pair => (((Action<object?>, object?))pair!).Item1((((Action<object?>, object?))pair!).Item2), (continuation, state));
        }
    }

    private protected ValueTaskSourceStatus StatusOf(short token)
    {
        CheckVersion(token);
        return !IsTakeable ? ValueTaskSourceStatus.Pending
            : _error is null ? ValueTaskSourceStatus.Succeeded
            : _error is OperationCanceledException ? ValueTaskSourceStatus.Canceled
            : ValueTaskSourceStatus.Faulted;
    }

    private protected void Await(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CheckVersion(token);
        if (Volatile.Read(ref _continuation) is { } known && !ReferenceEquals(known, s_done))
        {
            ThrowAwaited(); // Before anything is written here that is the first one's.
        }

        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
        {
            Add().Flow = ExecutionContext.Capture();
        }

        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0)
        {
            SynchronizationContext? context = SynchronizationContext.Current;
            if (context is not null && context.GetType() != typeof(SynchronizationContext))
            {
                _scheduler = context;
            }
            else if (TaskScheduler.Current != TaskScheduler.Default)
            {
                _scheduler = TaskScheduler.Current;
            }
        }

        _continuationState = state;
        Action<object?>? before = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (ReferenceEquals(before, s_done))
        {
            _continuation = continuation;
            Dispatch(inline: false);
        }
        else if (before is not null)
        {
            ThrowAwaited();
        }
    }

    [DoesNotReturn]
    private static void ThrowAwaited() => throw new InvalidOperationException("The result of an actor call is awaited twice; use AsTask() to keep it.");

    /// <summary>Whether the result may be taken: it is there, and whoever completed the call does not touch it again but to run what awaits it.</summary>
    private bool IsTakeable => _completed && Volatile.Read(ref _continuation) is not null;

    /// <summary>Before the result is taken: throws what the call failed with.</summary>
    private protected void EndAwait(short token)
    {
        CheckVersion(token);
        if (!IsTakeable)
        {
            throw new InvalidOperationException("The result of an actor call was read before it completed; use AsTask() to wait for it on a thread.");
        }

        if (_hasExtras)
        {
            _extras.CallerCancels.Dispose(); // Waits for a callback that runs now: after this only the turn, if any, knows the object.
        }

        if (_error is { } error)
        {
            LetGo();
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>Reads the result from <see cref="PendingAsk.Reply"/>.</summary>
    private protected abstract void ReadResult(ref MessagePackReader reader);

    private protected void Signal(bool inline)
    {
        EndAskObserved();
        _completed = true;
        if (_hasExtras && IsCancellable && !IsTell)
        {
            Interlocked.MemoryBarrier(); // Partner: CancelWith.
            _extras.CallerCancels.Unregister(); // A token may live for long, and the caller may never take the answer. Half of what is just being written there is of no registration: then its writer does this.
        }

        if (Interlocked.CompareExchange(ref _continuation, s_done, null) is not null)
        {
            Dispatch(inline);
        }
    }

    /// <summary>What it failed with. Apart, so that an answer does not pay for the texts of failures.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Exception ReadFailure() => End switch
    {
        AskEnd.Faulted => CallFailure.Read(Reply.Payload.Span, Target, SentTo),
        AskEnd.Cancelled or AskEnd.CancelledUnsent => new OperationCanceledException(_extras.CallerToken),
        AskEnd.ConnectionLost when SentTo is null && IsWithdrawn => CallFailure.Of(AskEnd.NotSent, EndDetail!, Target, null),
        AskEnd.TimedOut when SentTo is null && IsWithdrawn => new AskTimeoutException(CallOutcome.NotRun, Target, null, $"The call of {Target} did not run: {EndDetail}."),
        _ => CallFailure.Of(End, EndDetail ?? "no reason is known", Target, SentTo),
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ActorCallException Unreadable(Exception exception) =>
        new(CallOutcome.Ran, Target, SentTo, $"The call of {Target} ran, but its result could not be read: {exception.Message}", exception);

    private void ReadReply()
    {
        var reader = new MessagePackReader(Reply.Payload.Span, Streams, Reply.Bytes);
        bool isRead = false;
        try
        {
            if (Streams is null)
            {
                ReadResult(ref reader);
            }
            else
            {
                ReadStreamedResult(ref reader);
            }

            isRead = true;
        }
        finally
        {
            HandOver(reader.Payloads, isRead);
        }
    }

    private void ReadStreamedResult(ref MessagePackReader reader)
    {
        using var scope = new ItemsOriginScope(Target, SentTo);
        ReadResult(ref reader);
    }

    private void Dispatch(bool inline)
    {
        switch (_scheduler)
        {
            case null when inline:
                RunContinuation();
                break;
            case null:
                ReadyWork.QueueNear(this); // What it needs is in this core's cache; the other ends of the pool's work come in turn all the same.
                break;
            case not null when Turn.Of(_scheduler) is { } turn:
                turn.Activation.Resume((_kept.Wake ??= new TurnItem()).AsWake(this, turn));
                break;
            case SynchronizationContext context:
                context.Post(static call => ((ActorCall)call!).RunContinuation(), this);
                break;
            default:
                Task.Factory.StartNew(
                    static call => ((ActorCall)call!).RunContinuation(), this, CancellationToken.None, TaskCreationOptions.DenyChildAttach, (TaskScheduler)_scheduler);
                break;
        }
    }

    private void OnCallerCancels()
    {
        if (_extras.SentThrough is { } connection)
        {
            connection.CancelAsk(this);
        }
        else
        {
            Node.LocalAsks.Cancel(this);
        }
    }

    private void CheckVersion(short token)
    {
        if (token != Version)
        {
            throw new InvalidOperationException("The result of an actor call was used after it had been taken; a ValueTask is awaited once.");
        }
    }

    private void ResetAwaiting()
    {
        Version++;
        _continuation = null;
        _continuationState = null;
        _scheduler = null;
        _error = null;
        _completed = false;
    }
}
