using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>A call without an object: only what has to outlive the stack becomes a call object.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IInlineAsk<TResult> : ICallArguments
{
    /// <summary>Calls the method on the actor, in its turn.</summary>
    ValueTask<TResult> Invoke(object actor);

    /// <summary>Writes the result.</summary>
    void EncodeResult(ref MessagePackWriter writer, TResult result);

    /// <summary>Copies the result unless it is immutable.</summary>
    TResult CopyResult(TResult result);

    /// <summary>Takes a call object from its pool, and gives it the arguments.</summary>
    ActorCall<TResult> Rent();
}

/// <summary>The same of a method without a result.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IInlineAsk : ICallArguments
{
    /// <inheritdoc cref="IInlineAsk{TResult}.Invoke"/>
    ValueTask Invoke(object actor);

    /// <inheritdoc cref="IInlineAsk{TResult}.Rent"/>
    VoidActorCall Rent();
}
