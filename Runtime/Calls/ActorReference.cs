using System.ComponentModel;
using Orleans.Runtime;

namespace Kameo.Actors.Calls;

/// <summary>Base of every generated reference: what <c>node.Get&lt;IPing&gt;("a")</c> returns. Thread safe; cheap to make and to keep.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ActorReference : IAddressable
{
    /// <summary>Called by generated code.</summary>
    /// <param name="seed">Who calls whom.</param>
    protected ActorReference(ActorReferenceSeed seed)
    {
    }

    /// <summary>Sends an ask and gives its result. Hop 1.</summary>
    protected ValueTask<TResult> Ask<TResult>(ActorCall<TResult> call, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Sends an ask of a method without result.</summary>
    protected ValueTask Ask(VoidActorCall call, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Sends a tell; completes when the ring or the mailbox has it.</summary>
    protected ValueTask Tell(ActorCall call, CancellationToken cancellation = default) => throw new NotImplementedException();
}
