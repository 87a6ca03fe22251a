using Kameo.Actors.Filters;

namespace Kameo.Actors.Calls;

/// <summary>What call filters use: arguments and results as objects. Nothing here runs without a filter.</summary>
public abstract partial class ActorCall
{
    /// <summary>How many arguments it has, without a cancellation token.</summary>
    public virtual int ArgumentCount => 0;

    /// <summary>An argument.</summary>
    public virtual object? GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"{Method} has {ArgumentCount} arguments.");

    /// <summary>Replaces an argument.</summary>
    public virtual void SetArgument(int index, object? value) => throw new ArgumentOutOfRangeException(nameof(index), index, $"{Method} has {ArgumentCount} arguments.");

    /// <summary>Calls the method on the actor and boxes its result; null for none.</summary>
    internal abstract ValueTask<object?> InvokeBoxed(object actor);

    /// <summary>Sends it as an ask, without outgoing filters, and boxes its result; null for none.</summary>
    internal abstract ValueTask<object?> AskBoxed(ActorReference reference, CancellationToken cancellation);

    /// <summary>Runs the incoming filters around the method.</summary>
    private protected async ValueTask<TResult> InvokeFiltered<TResult>(object actor)
    {
        var context = new IncomingCallContext(this, actor, Turn!, Node.IncomingFilters);
        try
        {
            await context.Invoke();
            return IsTell ? default! : context.ResultAs<TResult>();
        }
        finally
        {
            context.End();
        }
    }
}
