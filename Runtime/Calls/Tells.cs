using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>What a generated tell does on an object that is no reference, such as a fake in a test: the method was called, its result is dropped.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Tells
{
    /// <summary>Completes when the method has, without its result; its exception comes through.</summary>
    public static async ValueTask Drop<TResult>(ValueTask<TResult> result) => await result.ConfigureAwait(false);

    /// <inheritdoc cref="Drop{TResult}(ValueTask{TResult})"/>
    public static ValueTask Drop(ValueTask result) => result;

    /// <inheritdoc cref="Drop{TResult}(ValueTask{TResult})"/>
    public static ValueTask Drop(Task result) => new(result);

    /// <summary>Sends a tell through any reference to the actor, also one of a derived interface.</summary>
    public static ValueTask Send(ActorReference reference, ActorCall call, CancellationToken cancellation = default) => reference.SendTell(call, cancellation);

    /// <inheritdoc cref="Send(ActorReference, ActorCall, CancellationToken)"/>
    public static ValueTask Send<TAsk>(ActorReference reference, TAsk ask)
        where TAsk : struct, IInlineAsk => reference.TellInline(ask);

    /// <inheritdoc cref="Send(ActorReference, ActorCall, CancellationToken)"/>
    public static ValueTask Send<TAsk, TResult>(ActorReference reference, TAsk ask)
        where TAsk : struct, IInlineAsk<TResult> => reference.TellInline<TAsk, TResult>(ask);
}
