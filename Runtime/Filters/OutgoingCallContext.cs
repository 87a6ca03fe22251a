using Kameo.Actors.Activations;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Filters;

/// <summary>A call before it is sent. What filters see is never sent itself: each time they go on, a call with the arguments of that moment is, so that they can go on again.</summary>
/// <param name="call">The arguments.</param>
/// <param name="reference">What is called.</param>
/// <param name="cancellation">The caller's token.</param>
internal sealed class OutgoingCallContext(ActorCall call, ActorReference reference, CancellationToken cancellation)
    : CallContext(call, reference.Node.OutgoingFilters!.Length), IOutgoingActorCallContext
{
    /// <inheritdoc/>
    public object Grain => reference;

    /// <inheritdoc/>
    public override ActorId? TargetId => reference.KnownClassName is { } name ? new ActorId(name, reference.Key) : null;

    /// <inheritdoc/>
    public ActorId? SourceId { get; } = Turn.Current?.Activation.Id;

    /// <summary>Runs the filters around an ask.</summary>
    public static async ValueTask<TResult> AskAsync<TResult>(ActorCall call, ActorReference reference, CancellationToken cancellation)
    {
        call.HeldBy(1);
        var context = new OutgoingCallContext(call, reference, cancellation);
        try
        {
            await context.Invoke();
            return context.ResultAs<TResult>();
        }
        finally
        {
            context.End();
            call.LetGo();
        }
    }

    /// <summary>Runs the filters around a tell, or an ask without result.</summary>
    public static async ValueTask RunAsync(ActorCall call, ActorReference reference, CancellationToken cancellation)
    {
        call.HeldBy(1);
        var context = new OutgoingCallContext(call, reference, cancellation);
        try
        {
            await context.Invoke();
        }
        finally
        {
            context.End();
            call.LetGo();
        }
    }

    /// <inheritdoc/>
    protected override Task InvokeFilter(int stage) => reference.Node.OutgoingFilters![stage].Invoke(this);

    /// <inheritdoc/>
    protected override async Task InvokeCall(ActorCall call)
    {
        ActorCall sent = call.Method.Rent();
        for (int index = 0; index < call.ArgumentCount; index++)
        {
            sent.SetArgument(index, call.GetArgument(index));
        }

        if (call.IsTell)
        {
            await reference.SendTellNow(sent, cancellation);
        }
        else
        {
            Result = await sent.AskBoxed(reference, cancellation);
        }
    }
}
