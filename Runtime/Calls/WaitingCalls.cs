using Kameo.Actors.Activations;
using Kameo.Actors.Context;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>
/// Calls as they wait in a mailbox without an object each: arguments and link, and no more, since all of it goes from core to core. A call becomes an <see cref="ActorCall"/> when its turn needs one, on the core that runs it.
/// </summary>
internal abstract class WaitingCalls : InboxItem
{
    /// <summary>What goes with each; null for nothing.</summary>
    public RequestContextValues? Context { get; protected set; }

    /// <summary>The method of the next one.</summary>
    public abstract ActorMethod Method { get; }

    /// <summary>How many calls there are to take; none is added from here on. The consumer of the queue it was in.</summary>
    public abstract int Close();

    /// <summary>Hop 8: takes the next call, and runs its method in a turn that has been counted. In the executor.</summary>
    /// <remarks>After the last one, <see cref="Close"/> has said which that is, the object is used for other calls.</remarks>
    public abstract void RunNext(Activation activation, Turn turn);

    /// <summary>Takes the next call as an object of its own. After the last one this object is used for other calls.</summary>
    /// <param name="node">The node.</param>
    /// <param name="target">The actor.</param>
    public abstract ActorCall TakeCall(ActorNode node, ActorId target);

    /// <summary>None of those that are left runs: whoever waits is told why, and the object is used for other calls.</summary>
    public abstract void Refuse(ActorNode node, ActorId target, in Fault fault);
}
