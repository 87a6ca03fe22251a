using Kameo.Actors.Calls;

namespace Kameo.Actors.Filters;

/// <summary>What incoming and outgoing contexts share: the call, and how far its chain of filters has come.</summary>
/// <param name="call">The call whose arguments filters see.</param>
/// <param name="filterCount">How many filters there are.</param>
internal abstract class CallContext(ActorCall call, int filterCount) : IActorCallContext
{
    private ActorCall? _call = call;
    private int _stage;

    /// <inheritdoc/>
    public abstract ActorId? TargetId { get; }

    /// <inheritdoc/>
    public string InterfaceName => Call.Method.Interface.Name;

    /// <inheritdoc/>
    public string MethodName => Call.Method.Name;

    /// <inheritdoc/>
    public bool IsTell => Call.IsTell;

    /// <inheritdoc/>
    public int ArgumentCount => Call.ArgumentCount;

    /// <inheritdoc/>
    public object? Result { get; set; }

    /// <summary>The call.</summary>
    /// <exception cref="InvalidOperationException">It has ended: the object may be another call by now.</exception>
    protected ActorCall Call => _call ?? throw new InvalidOperationException("The call has ended; a filter uses its context until its task completes.");

    /// <inheritdoc/>
    public object? GetArgument(int index) => Call.GetArgument(index);

    /// <inheritdoc/>
    public void SetArgument(int index, object? value) => Call.SetArgument(index, value);

    /// <inheritdoc/>
    public async Task Invoke()
    {
        ActorCall call = Call;
        int stage = _stage++;
        try
        {
            await (stage < filterCount ? InvokeFilter(stage) : InvokeCall(call));
        }
        finally
        {
            _stage--; // So that a filter can call again.
        }
    }

    /// <summary>The chain has ended.</summary>
    public void End() => _call = null;

    /// <summary>The result as the method's type.</summary>
    /// <exception cref="InvalidOperationException">A filter left another.</exception>
    public TResult ResultAs<TResult>() =>
        Result is TResult result ? result
        : Result is null && default(TResult) is null ? default!
        : throw new InvalidOperationException($"A filter left {Result?.GetType().ToString() ?? "nothing"} as the result of {Call.Method}, which is a {typeof(TResult)}.");

    /// <summary>Runs a filter.</summary>
    protected abstract Task InvokeFilter(int stage);

    /// <summary>Makes the call.</summary>
    protected abstract Task InvokeCall(ActorCall call);
}
