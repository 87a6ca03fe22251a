using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Placement;

namespace Kameo.Actors.Calls;

/// <content>Local asks on the caller's stack.</content>
public abstract partial class ActorReference
{
    /// <summary>Sends an ask, and runs it here and now if its actor is idle on this node and the method is short.</summary>
    protected ValueTask<TResult> AskInline<TAsk, TResult>(TAsk ask)
        where TAsk : struct, IInlineAsk<TResult>
    {
        return IsSurelyElsewhere ? Ask(ask.Rent()) : AskPerhapsHere<TAsk, TResult>(ask);
    }

    /// <summary>Apart, so that an ask to another node does not pay for what a run needs.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws goes to the caller as it would from another node.")]
    private ValueTask<TResult> AskPerhapsHere<TAsk, TResult>(TAsk ask)
        where TAsk : struct, IInlineAsk<TResult>
    {
        InlineRun run = default;
        if (!run.TryBegin(_node, Met(), TAsk.Method))
        {
            return Ask(ask.Rent());
        }

        ValueTask<TResult> answer;
        Stage stage = Stage.Arguments;
        bool turnEnded = true;
        try
        {
            ask.CopyArguments();
            stage = Stage.Method;
            ValueTask<TResult> task = ask.Invoke(run.Actor);
            if (task.IsCompletedSuccessfully && run.MayAnswer)
            {
                TResult result = task.Result;
                stage = Stage.Result;
                answer = new ValueTask<TResult>(ask.CopyResult(result));
            }
            else
            {
                turnEnded = false;
                answer = GoOn(ask.Rent(), task, run.Turn, stage);
            }
        }
        catch (Exception exception)
        {
            turnEnded = stage == Stage.Arguments;
            answer = turnEnded ? Refused(ask.Rent(), exception) : GoOn(ask.Rent(), ValueTask.FromException<TResult>(exception), run.Turn, stage);
        }

        run.End(turnEnded);
        return answer;
    }

    /// <summary>Sends an ask of a method without result, as <see cref="AskInline{TAsk, TResult}(TAsk)"/> does.</summary>
    protected ValueTask AskInline<TAsk>(TAsk ask)
        where TAsk : struct, IInlineAsk
    {
        return IsSurelyElsewhere ? Ask(ask.Rent()) : AskPerhapsHere(ask);
    }

    /// <inheritdoc cref="AskPerhapsHere{TAsk, TResult}(TAsk)"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws goes to the caller as it would from another node.")]
    private ValueTask AskPerhapsHere<TAsk>(TAsk ask)
        where TAsk : struct, IInlineAsk
    {
        InlineRun run = default;
        if (!run.TryBegin(_node, Met(), TAsk.Method))
        {
            return Ask(ask.Rent());
        }

        ValueTask answer = default;
        Stage stage = Stage.Arguments;
        bool turnEnded = true;
        try
        {
            ask.CopyArguments();
            stage = Stage.Method;
            ValueTask task = ask.Invoke(run.Actor);
            if (task.IsCompletedSuccessfully && run.MayAnswer)
            {
                task.GetAwaiter().GetResult();
            }
            else
            {
                turnEnded = false;
                answer = GoOn(ask.Rent(), task, run.Turn, stage);
            }
        }
        catch (Exception exception)
        {
            turnEnded = stage == Stage.Arguments;
            answer = turnEnded ? Refused(ask.Rent(), exception) : GoOn(ask.Rent(), ValueTask.FromException(exception), run.Turn, stage);
        }

        run.End(turnEnded);
        return answer;
    }

    /// <summary>Where the actor was met; on this node it is looked for if this reference has not met it. Null, too, for a reference that calls on terms of its own.</summary>
    private ActorRoute? Met() => Terms is not null ? null : _route is { Activation: not null } route ? route : Meet();

    /// <summary>Whether the actor was met on another node, and is still there as far as that can be seen at a glance: then nothing of this node needs to be tried. The sender looks again.</summary>
    private bool IsSurelyElsewhere => _route is { Activation: null, IsHere: false };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ActorRoute? Meet()
    {
        try
        {
            if (FindRoute() is not { IsHere: true } route)
            {
                return null;
            }

            route.Activation ??= _node.Activations.FindToRun(route);
            return route;
        }
        catch (InvalidOperationException)
        {
            return null; // Several classes have the interface: the ask says so.
        }
    }

    /// <summary>What threw.</summary>
    private enum Stage
    {
        /// <summary>A copy of an argument: the caller's fault, and its exception as it is.</summary>
        Arguments,

        /// <summary>The method: the actor failed.</summary>
        Method,

        /// <summary>A copy of the result.</summary>
        Result,
    }

    /// <summary>The turn did not end well or not at once: from here on it is one like any other, and its call awaits the task.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ValueTask<TResult> GoOn<TResult>(ActorCall<TResult> call, ValueTask<TResult> task, Turn turn, Stage stage)
    {
        short version = call.Version;
        Exception? tooMany = call.BeginAfter(turn, stage == Stage.Result);
        call.Await(task);
        return tooMany is null ? new ValueTask<TResult>(call, version) : ValueTask.FromException<TResult>(tooMany);
    }

    /// <inheritdoc cref="GoOn{TResult}"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ValueTask GoOn(VoidActorCall call, ValueTask task, Turn turn, Stage stage)
    {
        short version = call.Version;
        Exception? tooMany = call.BeginAfter(turn, stage == Stage.Result);
        call.Await(task);
        return tooMany is null ? new ValueTask(call, version) : ValueTask.FromException(tooMany);
    }

    private static ValueTask<TResult> Refused<TResult>(ActorCall<TResult> call, Exception exception)
    {
        call.HeldBy(1);
        var answer = new ValueTask<TResult>(call, call.Version);
        call.Fail(exception);
        return answer;
    }

    private static ValueTask Refused(VoidActorCall call, Exception exception)
    {
        call.HeldBy(1);
        var answer = new ValueTask(call, call.Version);
        call.Fail(exception);
        return answer;
    }
}
