using Kameo.Actors.Calls;

namespace Kameo.Actors.Filters;

/// <summary>A call that waits in a mailbox, as the predicate of <c>[MayInterleave]</c> sees it, until that returns. In the executor.</summary>
internal sealed class WaitingRequest : IActorRequest
{
    [ThreadStatic]
    private static WaitingRequest? t_free;

    private ActorCall? _call;

    /// <inheritdoc/>
    public ActorId? TargetId => Call.Target;

    /// <inheritdoc/>
    public string InterfaceName => Call.Method.Interface.Name;

    /// <inheritdoc/>
    public string MethodName => Call.Method.Name;

    /// <inheritdoc/>
    public bool IsTell => Call.IsTell;

    /// <inheritdoc/>
    public int ArgumentCount => Call.ArgumentCount;

    private ActorCall Call => _call ?? throw new InvalidOperationException("A predicate uses what it is given until it returns.");

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">What came over the network cannot be read: the call will be refused for it when its turn comes.</exception>
    public object? GetArgument(int index)
    {
        ActorCall call = Call;
        return call.ReadArgumentsAhead() is { } wrong ? throw new InvalidDataException(wrong) : call.GetArgument(index);
    }

    /// <summary>Asks a predicate about a call. What it is given is the thread's, used again for the next call.</summary>
    public static bool Ask(Func<IActorRequest, bool> predicate, ActorCall call)
    {
        WaitingRequest request = t_free ?? new WaitingRequest();
        t_free = null; // What the predicate does may ask another one.
        request._call = call;
        try
        {
            return predicate(request);
        }
        finally
        {
            request._call = null;
            t_free = request;
        }
    }
}
