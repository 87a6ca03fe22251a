using Kameo.Actors.Calls;
using Kameo.Actors.Errors;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Supervision;

/// <summary>The notice of a death as a turn of the actor that hears of it: a tell of its node to it.</summary>
/// <param name="who">Who died.</param>
/// <param name="node">On which node; null: this one.</param>
/// <param name="reason">For what reason.</param>
/// <param name="why">Of which exception, if any.</param>
internal sealed class LinkNotice(ActorId who, PeerId? node, DeactivationReason reason, Fault? why) : VoidActorCall
{
    private static readonly ActorMethod s_method = new("the notice of a link", 0, ActorMethodOptions.None, static () => throw NotSent());

    /// <inheritdoc/>
    public override ActorMethod Method => s_method;

    /// <inheritdoc/>
    public override ValueTask Invoke(object actor) => ((Actor)actor).OnLinkDiedAsync(who, reason, why is { } fault ? CallFailure.Of(fault, who, node) : null);

    /// <inheritdoc/>
    public override void EncodeArguments(ref MessagePackWriter writer) => throw NotSent();

    /// <inheritdoc/>
    public override void DecodeArguments(ref MessagePackReader reader) => throw NotSent();

    /// <inheritdoc/>
    public override void CopyArguments()
    {
        // They are immutable.
    }

    /// <inheritdoc/>
    public override void ClearArguments()
    {
        // It is used once.
    }

    /// <inheritdoc/>
    public override void ReturnToPool()
    {
        // It is used once.
    }

    private static InvalidOperationException NotSent() => new("A notice is made on the node of the actor that gets it.");
}
