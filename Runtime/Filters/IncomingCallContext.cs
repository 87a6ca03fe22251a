using Kameo.Actors.Activations;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Filters;

/// <summary>A call in its turn, with the node's filters and that of the actor's class around the method.</summary>
/// <param name="call">The call.</param>
/// <param name="actor">The actor.</param>
/// <param name="turn">Its turn: the method is entered in no other place, wherever a filter goes on from.</param>
/// <param name="filters">The node's filters.</param>
internal sealed class IncomingCallContext(ActorCall call, object actor, Turn turn, IIncomingActorCallFilter[] filters)
    : CallContext(call, filters.Length + (actor is IIncomingActorCallFilter ? 1 : 0)), IIncomingActorCallContext
{
    /// <inheritdoc/>
    public override ActorId? TargetId => Call.Target;

    /// <inheritdoc/>
    public object Grain => actor;

    /// <inheritdoc/>
    protected override Task InvokeFilter(int stage) => (stage < filters.Length ? filters[stage] : (IIncomingActorCallFilter)actor).Invoke(this);

    /// <inheritdoc/>
    protected override async Task InvokeCall(ActorCall call)
    {
        await new TurnEntry(turn);
        Result = await call.InvokeBoxed(actor);
    }
}
