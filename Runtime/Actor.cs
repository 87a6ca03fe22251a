using Kameo.Actors.Activations;
using Orleans.Runtime;

namespace Kameo.Actors;

/// <summary>Base of every actor class. An actor runs one turn at a time; what it awaits comes back to its turn.</summary>
/// <remarks>
/// A node constructs it at the first message, with its constructor's parameters from the node's services. <c>new PingActor()</c> works in a test too; the members below then
/// throw <see cref="InvalidOperationException"/>.
/// </remarks>
public abstract partial class Actor
{
    [ThreadStatic]
    private static Activation? t_constructing;

    private readonly Activation? _activation;

    /// <summary>Called by derived classes.</summary>
    protected Actor()
    {
        // Taken by the first actor that is constructed: one made by its constructor is on its own.
        _activation = t_constructing;
        t_constructing = null;
    }

    /// <summary>Which actor this is.</summary>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    protected ActorId Id => Here.Id;

    /// <summary>Its key.</summary>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    protected ActorKey Key => Here.Id.Key;

    /// <summary>Under what authority it runs.</summary>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    protected ActorContext Context => new(Here);

    /// <summary>The way to other actors.</summary>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    protected IActors Actors => Here.Node;

    /// <summary>The node's clock.</summary>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    protected TimeProvider TimeProvider => Here.Node.Clock.Provider;

    /// <summary>A reference to this actor, to pass to others: <c>this</c> itself does not travel.</summary>
    /// <typeparam name="T">One of its actor interfaces.</typeparam>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    /// <exception cref="ArgumentException">It does not implement the interface.</exception>
    protected T AsReference<T>()
        where T : class, IAddressable =>
        this is T ? Here.Node.Refer<T>(Here.Id.Key, Here.Id.ClassName) : throw new ArgumentException($"{GetType()} does not implement {typeof(T)}.");

    private Activation Here => _activation ?? throw new InvalidOperationException("This actor was not made by a node: it has no id and reaches no others.");

    /// <summary>Runs before the first call, alone. What it throws reaches the callers that wait, and the activation ends.</summary>
    /// <param name="cancellation">Fires when the node ends its actors, when it has taken <see cref="ActorNodeOptions.ActivationTimeout"/>, or when this one has to be elsewhere and takes too long. Of use until this returns.</param>
    public virtual ValueTask OnActivateAsync(CancellationToken cancellation) => default;

    /// <summary>Runs after the last call, alone. What it throws is logged.</summary>
    /// <param name="reason">Why the activation ends.</param>
    /// <param name="cancellation">Fires when it has taken <see cref="ActorNodeOptions.DeactivationTimeout"/>.</param>
    public virtual ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation) => default;

    /// <summary>Ends this activation when the turns that run now have ended; calls that wait go to the next one. Asked for while it activates: after the call that it is activated for. Any thread.</summary>
    protected void DeactivateOnIdle() => Here.AskToEnd(DeactivationReason.Requested);

    /// <summary>Keeps this activation from being collected for being idle for that long from now, <see cref="Timeout.InfiniteTimeSpan"/>: for good; not any more, if the span is not positive otherwise. Any thread.</summary>
    /// <param name="span">For how long.</param>
    protected void DelayDeactivation(TimeSpan span) => Here.KeepFor(span);

    internal static Actor Construct(Activation activation, Func<IServiceProvider, Actor> create, IServiceProvider services)
    {
        t_constructing = activation;
        try
        {
            return create(services);
        }
        finally
        {
            t_constructing = null;
        }
    }
}
