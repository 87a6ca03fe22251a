using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>An ask that may run on its caller's stack: its arguments, in a struct that the generator writes for each method. Where it may not, it becomes a call object.</summary>
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

    /// <inheritdoc cref="IInlineAsk{TResult}.Rent"/>
    VoidActorCall Rent();
}
