using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Activations;
using Kameo.Actors.Serialization;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>How a usual request of one method runs where it arrived: its arguments are read into a struct, and only where its turn suspends or fails it becomes an <see cref="ActorCall"/>. Made by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class InboundForm
{
    private readonly bool _hasReferences;

    private protected InboundForm(bool hasReferences) => _hasReferences = hasReferences;

    /// <summary>Hop 8: runs the method in its turn, which has been counted. It gives its part of the window back before that.</summary>
    /// <returns>False if the arguments cannot be read: nothing has changed, and the call object that is made of it says what is wrong.</returns>
    internal abstract bool TryRun(ref InboundCall request, Activation activation, Turn turn);

    /// <summary>Reads the arguments, and gives the request's part of the window back.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What reading throws, the call object meets again, and answers.")]
    private protected bool TryRead<TAsk>(ref InboundCall request, Activation activation, out TAsk ask)
        where TAsk : struct, ICallArguments
    {
        ask = default;
        try
        {
            using var scope = new NodeScope(_hasReferences ? activation.Node : NodeScope.CurrentOrNull); // For which node references are read.
            var reader = new MessagePackReader(request.Hold.Payload);
            ask.DecodeArguments(ref reader);
        }
        catch (Exception)
        {
            return false;
        }

        request.Hold.Release();
        return true;
    }

    private protected static void End(in InboundCall request, Activation activation, Turn turn)
    {
        turn.EndAlone();
        activation.EndTurn(turn, request.Method.Options);
    }
}

/// <summary>Of a method without a result.</summary>
/// <param name="hasReferences">Whether its interface has references to actors.</param>
/// <typeparam name="TAsk">Its arguments.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class VoidInboundForm<TAsk>(bool hasReferences) : InboundForm(hasReferences)
    where TAsk : struct, IInlineAsk
{
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws fails the turn.")]
    internal override bool TryRun(ref InboundCall request, Activation activation, Turn turn)
    {
        if (!TryRead(ref request, activation, out TAsk ask))
        {
            return false;
        }

        try
        {
            ValueTask task = ask.Invoke(activation.Instance!);
            if (!task.IsCompletedSuccessfully || (!request.IsTell && !activation.MayEnter))
            {
                GoOn(ask, request, task, turn);
                return true;
            }

            task.GetAwaiter().GetResult();
            if (!request.IsTell)
            {
                request.Origin.Reply(request.Correlation, default);
            }
        }
        catch (Exception exception)
        {
            GoOn(ask, request, ValueTask.FromException(exception), turn);
            return true;
        }

        End(request, activation, turn);
        return true;
    }

    private static void GoOn(in TAsk ask, in InboundCall request, ValueTask task, Turn turn)
    {
        VoidActorCall call = ask.Rent();
        call.BeginInboundAfter(turn, request, resultIsReady: false);
        call.Await(task);
    }
}

/// <summary>Of a method with a result.</summary>
/// <param name="hasReferences">Whether its interface has references to actors.</param>
/// <typeparam name="TAsk">Its arguments.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class InboundForm<TAsk, TResult>(bool hasReferences) : InboundForm(hasReferences)
    where TAsk : struct, IInlineAsk<TResult>
{
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws fails the turn.")]
    internal override bool TryRun(ref InboundCall request, Activation activation, Turn turn)
    {
        if (!TryRead(ref request, activation, out TAsk ask))
        {
            return false;
        }

        bool resultIsReady = false;
        try
        {
            ValueTask<TResult> task = ask.Invoke(activation.Instance!);
            if (!task.IsCompletedSuccessfully || (!request.IsTell && !activation.MayEnter))
            {
                GoOn(ask, request, task, turn, resultIsReady);
                return true;
            }

            TResult result = task.Result;
            resultIsReady = true;
            if (!request.IsTell)
            {
                Reply(ask, request, result);
            }
        }
        catch (Exception exception)
        {
            GoOn(ask, request, ValueTask.FromException<TResult>(exception), turn, resultIsReady);
            return true;
        }

        End(request, activation, turn);
        return true;
    }

    private static void Reply(in TAsk ask, in InboundCall request, TResult result)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            ActorCall.MayNameStreams(scratch, request.Origin);
            var writer = new MessagePackWriter(scratch);
            ask.EncodeResult(ref writer, result);
            request.Origin.Reply(request.Correlation, scratch.WrittenSpan, scratch.Streams?.ToArray(), scratch.Attached);
            scratch.Streams?.Send();
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private static void GoOn(in TAsk ask, in InboundCall request, ValueTask<TResult> task, Turn turn, bool resultIsReady)
    {
        ActorCall<TResult> call = ask.Rent();
        call.BeginInboundAfter(turn, request, resultIsReady);
        call.Await(task);
    }
}
