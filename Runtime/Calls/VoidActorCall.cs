using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>A call without a result.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class VoidActorCall : ActorCall, IValueTaskSource
{
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _running;

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token)
    {
        EndAwait(token);
        LetGo();
    }

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => StatusOf(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        Await(continuation, state, token, flags);

    /// <summary>Calls the method on the actor, in its turn.</summary>
    public abstract ValueTask Invoke(object actor);

    internal sealed override async ValueTask<object?> InvokeBoxed(object actor)
    {
        await Invoke(actor);
        return null;
    }

    internal sealed override async ValueTask<object?> AskBoxed(ActorReference reference, CancellationToken cancellation)
    {
        await reference.AskNow(this, cancellation);
        return null;
    }

    private protected override void ReadResult(ref MessagePackReader reader)
    {
        // An empty reply is the answer.
    }

    private protected override void Run(object actor)
    {
        ValueTask task = Turn!.Activation.IsFiltered && Method.HasInterface ? InvokeFiltered(actor) : Invoke(actor);
        if (task.IsCompletedSuccessfully && (IsTell || Turn!.Activation.MayEnter)) // A tell that has ended says nothing more.
        {
            task.GetAwaiter().GetResult();
            Finish();
            return;
        }

        Suspend(task);
    }

    private protected override void AwaitFailure(Exception exception) => Await(ValueTask.FromException(exception));

    /// <summary>Awaits the task of a turn that began without a call. Whatever happens, the turn ends through this call.</summary>
    internal void Await(ValueTask task)
    {
        try
        {
            Suspend(task);
        }
        catch (Exception exception)
        {
            FailTurn(exception);
        }
    }

    private void Suspend(ValueTask task)
    {
        _running = task.ConfigureAwait(false).GetAwaiter();
        if (Forwarded is ValueTask forwarded && forwarded == task)
        {
            ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter other = _running; // Answered on another thread, this object may be another call's already.
            Action answered = LeaveTurn();
            try
            {
                other.UnsafeOnCompleted(answered);
            }
            catch (Exception exception)
            {
                FailLeft(exception); // The turn is over, so this goes no further.
            }
        }
        else if (_running.IsCompleted)
        {
            FinishRun();
        }
        else
        {
            _running.UnsafeOnCompleted(OnTaskDone);
        }
    }

    private protected override void FinishRun()
    {
        if (!MayAnswer())
        {
            return;
        }

        ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter running = _running;
        _running = default;
        running.GetResult();
        Finish();
    }

    private async ValueTask InvokeFiltered(object actor) => await InvokeFiltered<object?>(actor);

    private protected override void ClearResult() => _running = default;

    private void Finish()
    {
        if (AnswersRemotely)
        {
            ReplyEmpty();
        }
        else if (TryClaimAnswer())
        {
            Signal(inline: false);
        }

        EndTurn();
    }
}
