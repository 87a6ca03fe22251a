using Kameo.Actors.Activations;
using Kameo.Actors.Calls;

namespace Kameo.Actors;

/// <content>Forwarding.</content>
public abstract partial class Actor
{
    /// <summary>Hands the call that runs on: its turn ends when the method returns this, and what the other actor answers is the answer of this call. As <c>ctx.forward</c> of Kameo.</summary>
    /// <remarks>
    /// <para>
    /// Said in the <c>return</c> of a method that is not <c>async</c>, so this actor takes other calls while the other one works. The ask has the deadline, request context and trace of the call. Its failure is
    /// this call's failure, of the same kind; <see cref="ActorCallException.Outcome"/> then speaks of the other actor's method. A result passes through this node.
    /// </para>
    /// <para>Awaited instead of returned it is an ask as any other; so it is where incoming call filters run around the method, and on an actor that no node made.</para>
    /// </remarks>
    /// <typeparam name="TResult">The result of the method that runs.</typeparam>
    /// <param name="ask">An ask just made.</param>
    /// <returns>The same, to be returned.</returns>
    /// <exception cref="InvalidOperationException">It is called outside of this actor's turns, or the method that runs has a result of another type.</exception>
    /// <example><code>public ValueTask&lt;Page&gt; Read(string name) => Forward(Actors.Get&lt;IShelf&gt;(ShelfOf(name)).Read(name));</code></example>
    protected ValueTask<TResult> Forward<TResult>(ValueTask<TResult> ask)
    {
        Mark<ActorCall<TResult>>(ask);
        return ask;
    }

    /// <inheritdoc cref="Forward{TResult}(ValueTask{TResult})"/>
    protected Task<TResult> Forward<TResult>(Task<TResult> ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        Mark<ActorCall<TResult>>(new ValueTask<TResult>(ask));
        return ask;
    }

    /// <inheritdoc cref="Forward{TResult}(ValueTask{TResult})"/>
    protected ValueTask Forward(ValueTask ask)
    {
        Mark<VoidActorCall>(ask);
        return ask;
    }

    /// <inheritdoc cref="Forward{TResult}(ValueTask{TResult})"/>
    protected Task Forward(Task ask)
    {
        ArgumentNullException.ThrowIfNull(ask);
        Mark<VoidActorCall>(new ValueTask(ask));
        return ask;
    }

    private void Mark<TCall>(object ask)
        where TCall : ActorCall
    {
        if (_activation is null)
        {
            return; // It is an object like any other: the caller awaits what it gets.
        }

        if (Turn.Current is not { } turn || !ReferenceEquals(turn.Activation, _activation) || (turn.Call?.Method ?? turn.MethodAlone) is not { } method)
        {
            throw new InvalidOperationException("A call is forwarded in the turn that runs it.");
        }

        if (!typeof(TCall).IsAssignableFrom(turn.Call?.GetType() ?? method.CallType))
        {
            throw new InvalidOperationException($"The answer to {method} cannot be a result of this type.");
        }

        if (turn.Call is { } call)
        {
            call.Forwarded = ask;
        }
        else
        {
            turn.Forward(ask); // It becomes the call's, if the turn does not end at once.
        }
    }
}
