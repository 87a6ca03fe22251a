namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>A filter that only passes calls on, later.</summary>
internal sealed class PassingFilter : IIncomingActorCallFilter, IOutgoingActorCallFilter
{
    public Task Invoke(IIncomingActorCallContext context) => PassAsync(context);

    public Task Invoke(IOutgoingActorCallContext context) => PassAsync(context);

    private static async Task PassAsync(IActorCallContext context)
    {
        await Task.Yield();
        await context.Invoke();
    }
}
