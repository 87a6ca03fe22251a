using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>A call with a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ActorCall<TResult> : ActorCall, IValueTaskSource<TResult>
{
    private static readonly bool s_runsLater = typeof(TResult).IsGenericType && typeof(TResult).GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    private TResult? _result;
    private ConfiguredValueTaskAwaitable<TResult>.ConfiguredValueTaskAwaiter _running;

    /// <inheritdoc/>
    TResult IValueTaskSource<TResult>.GetResult(short token)
    {
        EndAwait(token);
        TResult result = _result!;
        LetGo();
        return result;
    }

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<TResult>.GetStatus(short token) => StatusOf(token);

    /// <inheritdoc/>
    void IValueTaskSource<TResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        Await(continuation, state, token, flags);

    /// <summary>Calls the method on the actor, in its turn.</summary>
    public abstract ValueTask<TResult> Invoke(object actor);

    /// <summary>Writes the result.</summary>
    public abstract void EncodeResult(ref MessagePackWriter writer, TResult result);

    /// <summary>Reads the result.</summary>
    public abstract TResult DecodeResult(ref MessagePackReader reader);

    /// <summary>Copies the result unless it is immutable: isolation of a local call.</summary>
    public abstract TResult CopyResult(TResult result);

    internal sealed override async ValueTask<object?> InvokeBoxed(object actor) => await Invoke(actor);

    internal sealed override async ValueTask<object?> AskBoxed(ActorReference reference, CancellationToken cancellation) => await reference.AskNow(this, cancellation);

    private protected sealed override bool RunsLater => s_runsLater;

    private protected override void ReadResult(ref MessagePackReader reader) => _result = DecodeResult(ref reader);

    private protected override void Run(object actor)
    {
        ValueTask<TResult> task = Turn!.Activation.IsFiltered ? InvokeFiltered<TResult>(actor) : Invoke(actor);
        if (task.IsCompletedSuccessfully && (IsTell || Turn!.Activation.MayEnter)) // A tell that has ended says nothing more.
        {
            Finish(task.Result);
            return;
        }

        Suspend(task);
    }

    private protected override void AwaitFailure(Exception exception) => Await(ValueTask.FromException<TResult>(exception));

    /// <summary>Awaits the task of a turn that began without a call. Whatever happens, the turn ends through this call.</summary>
    internal void Await(ValueTask<TResult> task)
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

    private void Suspend(ValueTask<TResult> task)
    {
        _running = task.ConfigureAwait(false).GetAwaiter();
        if (Forwarded is ValueTask<TResult> forwarded && forwarded == task)
        {
            ConfiguredValueTaskAwaitable<TResult>.ConfiguredValueTaskAwaiter other = _running; // Answered on another thread, this object may be another call's already.
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

        ConfiguredValueTaskAwaitable<TResult>.ConfiguredValueTaskAwaiter running = _running;
        _running = default;
        Finish(running.GetResult());
    }

    private protected override void ClearResult()
    {
        _result = default;
        _running = default;
    }

    private void Finish(TResult result)
    {
        _resultIsReady = true;
        if (AnswersRemotely)
        {
            ScratchBuffer scratch = ScratchBuffer.Rent();
            try
            {
                MayNameStreams(scratch);
                var writer = new MessagePackWriter(scratch);
                EncodeResult(ref writer, result);
                ReplyWith(scratch);
            }
            finally
            {
                ScratchBuffer.Return(scratch);
            }
        }
        else if (!IsTell)
        {
            TResult copy = CopyResult(result);
            if (TryClaimAnswer())
            {
                _result = copy;
                Signal(inline: false);
            }
            else
            {
                (copy as IDecodedPayload)?.Dispose(); // Nobody will.
            }
        }
        else
        {
            (result as IDecodedPayload)?.Dispose();
        }

        EndTurn();
    }
}
