using Kameo.Actors.Activations;
using Kameo.Actors.Context;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Calls;

/// <summary>
/// A tell to an actor of this node as it waits in the mailbox, or several that one thread made one after the other: arguments and link, and no more, since each goes from core to core. Only where its turn suspends or fails a
/// tell becomes an <see cref="ActorCall"/>.
/// </summary>
internal abstract class LocalTell : InboxItem
{
    /// <summary>What goes with each; null for nothing.</summary>
    public RequestContextValues? Context { get; protected set; }

    /// <summary>The method.</summary>
    public abstract ActorMethod Method { get; }

    /// <summary>How many tells there are to take; none is added from here on. The consumer of the queue it was in.</summary>
    public abstract int Close();

    /// <summary>Hop 8: takes the next tell, and runs its method in its turn, which has begun. In the executor.</summary>
    /// <remarks>After the last one, <see cref="Close"/> has said which that is, the object is another tell's.</remarks>
    public abstract void RunNext(Activation activation, Turn turn);

    /// <summary>Takes the next tell as a call object, for an actor that is not here any more. After the last one the object is another tell's.</summary>
    /// <param name="node">The node.</param>
    /// <param name="target">The actor.</param>
    public abstract ActorCall TakeCall(ActorNode node, ActorId target);

    /// <summary>What is left does not run: gives the object back.</summary>
    public abstract void Drop();

    private protected static ActorCall Fill(ActorCall call, ActorNode node, ActorId target, RequestContextValues? context)
    {
        call.Node = node;
        call.Target = target;
        call.IsTell = true;
        call.Context = context;
        call.DeadlineMilliseconds = long.MaxValue;
        call.HeldBy(1);
        return call;
    }
}

/// <summary>One tell.</summary>
internal sealed class LocalTell<TAsk, TForm> : LocalTell
    where TAsk : struct
    where TForm : struct, ITellForm<TAsk>
{
    private TAsk _ask;

    /// <inheritdoc/>
    public override ActorMethod Method => TForm.Method;

    /// <summary>Takes one from the pool.</summary>
    public static LocalTell<TAsk, TForm> Rent(in TAsk ask, RequestContextValues? context)
    {
        LocalTell<TAsk, TForm> tell = ExchangePool<LocalTell<TAsk, TForm>>.TryRent(out LocalTell<TAsk, TForm>? pooled) ? pooled : new LocalTell<TAsk, TForm>();
        tell._ask = ask;
        if (context is not null)
        {
            tell.Context = context;
        }

        return tell;
    }

    /// <inheritdoc/>
    public override int Close() => 1;

    /// <inheritdoc/>
    public override void RunNext(Activation activation, Turn turn)
    {
        TAsk ask = _ask;
        Drop();
        TForm.Run(ask, activation, turn);
    }

    /// <inheritdoc/>
    public override ActorCall TakeCall(ActorNode node, ActorId target)
    {
        ActorCall call = Fill(TForm.Rent(_ask), node, target, Context);
        Drop();
        return call;
    }

    /// <inheritdoc/>
    public override void Drop()
    {
        _ask = default;
        Context = null;
        ExchangePool<LocalTell<TAsk, TForm>>.Return(this);
    }
}
