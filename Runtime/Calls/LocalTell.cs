using Kameo.Actors.Activations;
using Kameo.Actors.Context;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>A tell to an actor of this node, or several that one thread made one after the other. Only where its turn suspends or fails a tell becomes an <see cref="ActorCall"/>.</summary>
internal abstract class LocalTell : WaitingCalls
{
    /// <summary>What is left does not run: gives the object back.</summary>
    public abstract void Drop();

    /// <inheritdoc/>
    public sealed override void Refuse(ActorNode node, ActorId target, in Fault fault)
    {
        for (int left = Close(); left > 0; left--)
        {
            node.CountLostTell(fault.Code);
        }

        Drop();
    }

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

/// <summary>A tell to an actor of this node, which waits in its mailbox.</summary>
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
