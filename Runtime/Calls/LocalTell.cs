using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Activations;
using Kameo.Actors.Context;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Calls;

/// <summary>A tell to an actor of this node as it waits in the mailbox: arguments and link, and no more, since each goes from core to core. Only where its turn suspends or fails it becomes an <see cref="ActorCall"/>.</summary>
internal abstract class LocalTell : InboxItem
{
    /// <summary>What goes with it; null for nothing.</summary>
    public RequestContextValues? Context { get; protected set; }

    /// <summary>The method.</summary>
    public abstract ActorMethod Method { get; }

    /// <summary>Hop 8: runs the method in its turn, which has begun; it ends through <see cref="Activation.EndTurn"/>. In the executor. The object is another tell's from here on.</summary>
    public abstract void Run(Activation activation, Turn turn);

    /// <summary>It does not run: gives the object back.</summary>
    public abstract void Drop();

    /// <summary>The same as a call object, for an actor that is not here any more. This object is another tell's from here on.</summary>
    /// <param name="node">The node.</param>
    /// <param name="target">The actor.</param>
    public abstract ActorCall ToCall(ActorNode node, ActorId target);

    private protected ActorCall ToCall(ActorCall call, ActorNode node, ActorId target)
    {
        call.Node = node;
        call.Target = target;
        call.IsTell = true;
        call.Context = Context;
        call.DeadlineMilliseconds = long.MaxValue;
        call.HeldBy(1);
        Drop();
        return call;
    }

    private protected static void GoOn(VoidActorCall call, ValueTask task, Turn turn)
    {
        call.BeginTellAfter(turn);
        call.Await(task);
    }

    private protected static void GoOn<TResult>(ActorCall<TResult> call, ValueTask<TResult> task, Turn turn)
    {
        call.BeginTellAfter(turn);
        call.Await(task);
    }
}

/// <summary>A tell of a method without a result.</summary>
internal sealed class LocalTell<TAsk> : LocalTell
    where TAsk : struct, IInlineAsk
{
    private TAsk _ask;

    /// <inheritdoc/>
    public override ActorMethod Method => TAsk.Method;

    /// <summary>Takes one from the pool.</summary>
    public static LocalTell<TAsk> Rent(in TAsk ask, RequestContextValues? context)
    {
        LocalTell<TAsk> tell = ExchangePool<LocalTell<TAsk>>.TryRent(out LocalTell<TAsk>? pooled) ? pooled : new LocalTell<TAsk>();
        tell._ask = ask;
        if (context is not null)
        {
            tell.Context = context;
        }

        return tell;
    }

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws fails the turn.")]
    public override void Run(Activation activation, Turn turn)
    {
        TAsk ask = _ask;
        Drop();
        try
        {
            ValueTask task = ask.Invoke(activation.Instance!);
            if (task.IsCompletedSuccessfully)
            {
                task.GetAwaiter().GetResult();
                turn.EndAlone();
                activation.EndTurn(turn, TAsk.Method.Options);
            }
            else
            {
                GoOn(ask.Rent(), task, turn);
            }
        }
        catch (Exception exception)
        {
            GoOn(ask.Rent(), ValueTask.FromException(exception), turn);
        }
    }

    /// <inheritdoc/>
    public override ActorCall ToCall(ActorNode node, ActorId target) => ToCall(_ask.Rent(), node, target);

    /// <inheritdoc/>
    public override void Drop()
    {
        _ask = default;
        Context = null;
        ExchangePool<LocalTell<TAsk>>.Return(this);
    }
}

/// <summary>A tell of a method whose result nobody waits for.</summary>
internal sealed class LocalTell<TAsk, TResult> : LocalTell
    where TAsk : struct, IInlineAsk<TResult>
{
    private TAsk _ask;

    /// <inheritdoc/>
    public override ActorMethod Method => TAsk.Method;

    /// <inheritdoc cref="LocalTell{TAsk}.Rent"/>
    public static LocalTell<TAsk, TResult> Rent(in TAsk ask, RequestContextValues? context)
    {
        LocalTell<TAsk, TResult> tell = ExchangePool<LocalTell<TAsk, TResult>>.TryRent(out LocalTell<TAsk, TResult>? pooled) ? pooled : new LocalTell<TAsk, TResult>();
        tell._ask = ask;
        if (context is not null)
        {
            tell.Context = context;
        }

        return tell;
    }

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws fails the turn.")]
    public override void Run(Activation activation, Turn turn)
    {
        TAsk ask = _ask;
        Drop();
        try
        {
            ValueTask<TResult> task = ask.Invoke(activation.Instance!);
            if (task.IsCompletedSuccessfully)
            {
                _ = task.Result;
                turn.EndAlone();
                activation.EndTurn(turn, TAsk.Method.Options);
            }
            else
            {
                GoOn(ask.Rent(), task, turn);
            }
        }
        catch (Exception exception)
        {
            GoOn(ask.Rent(), ValueTask.FromException<TResult>(exception), turn);
        }
    }

    /// <inheritdoc/>
    public override ActorCall ToCall(ActorNode node, ActorId target) => ToCall(_ask.Rent(), node, target);

    /// <inheritdoc/>
    public override void Drop()
    {
        _ask = default;
        Context = null;
        ExchangePool<LocalTell<TAsk, TResult>>.Return(this);
    }
}
