using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>A call without an object: its arguments, in a struct that the generator writes for each method. Only what has to outlive the stack becomes a call object.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IInlineAsk<TResult>
{
    /// <summary>The method.</summary>
    static abstract ActorMethod Method { get; }

    /// <summary>Replaces each argument that is not immutable with a deep copy.</summary>
    void CopyArguments();

    /// <summary>Calls the method on the actor, in its turn.</summary>
    ValueTask<TResult> Invoke(object actor);

    /// <summary>Writes the arguments, as the call object does.</summary>
    void EncodeArguments(ref MessagePackWriter writer);

    /// <summary>Reads the arguments, as the call object does.</summary>
    void DecodeArguments(ref MessagePackReader reader);

    /// <summary>Writes the result.</summary>
    void EncodeResult(ref MessagePackWriter writer, TResult result);

    /// <summary>Copies the result unless it is immutable.</summary>
    TResult CopyResult(TResult result);

    /// <summary>Takes a call object from its pool, and gives it the arguments.</summary>
    ActorCall<TResult> Rent();
}

/// <summary>The same of a method without a result.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IInlineAsk
{
    /// <inheritdoc cref="IInlineAsk{TResult}.Method"/>
    static abstract ActorMethod Method { get; }

    /// <inheritdoc cref="IInlineAsk{TResult}.CopyArguments"/>
    void CopyArguments();

    /// <inheritdoc cref="IInlineAsk{TResult}.Invoke"/>
    ValueTask Invoke(object actor);

    /// <inheritdoc cref="IInlineAsk{TResult}.EncodeArguments"/>
    void EncodeArguments(ref MessagePackWriter writer);

    /// <inheritdoc cref="IInlineAsk{TResult}.DecodeArguments"/>
    void DecodeArguments(ref MessagePackReader reader);

    /// <inheritdoc cref="IInlineAsk{TResult}.Rent"/>
    VoidActorCall Rent();
}
