using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>The synchronisation context of a turn: what is awaited in it comes back to it. One for each turn that runs at a time in an activation; used again for later turns.</summary>
/// <remarks>Posting is for any thread; everything else is the executor's.</remarks>
/// <param name="activation">Where the turn runs.</param>
internal sealed partial class Turn(Activation activation) : SynchronizationContext
{
    /// <summary>Where it runs.</summary>
    public Activation Activation => activation;

    /// <summary>The turn that this thread is in; null outside of turns, also behind <c>ConfigureAwait(false)</c>.</summary>
    public static new Turn? Current => SynchronizationContext.Current as Turn;

    /// <summary>The call that runs in it; null in activation and deactivation, and between turns.</summary>
    public ActorCall? Call { get; private set; }

    /// <summary>When the asks made in it must be answered at the latest.</summary>
    public long DeadlineMilliseconds { get; private set; } = long.MaxValue;

    /// <summary>Another free turn of the activation.</summary>
    public Turn? NextFree { get; set; }

    /// <summary>A call starts.</summary>
    public void Begin(ActorCall call)
    {
        Call = call;
        _begun = ++_lastNumber;
        DeadlineMilliseconds = call.IsTell ? long.MaxValue : call.DeadlineMilliseconds;
    }

    /// <summary>Its call has ended.</summary>
    public void End(ActorCall call)
    {
        if (ReferenceEquals(Call, call))
        {
            Call = null;
            ForgetAsks();
            DeadlineMilliseconds = long.MaxValue;
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => activation.Resume(TurnItem.RentPost(this, d, state));

    /// <summary>Runs the callback if this is the turn that runs here. Waiting for another turn would block a thread, and perhaps for ever.</summary>
    /// <exception cref="NotSupportedException">It is another one.</exception>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!ReferenceEquals(SynchronizationContext.Current, this))
        {
            throw new NotSupportedException("A turn cannot be entered by waiting for it; post to it, or call the actor.");
        }

        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;
}
