namespace Kameo.Actors.Activations;

/// <summary>What outlives the turn that began it, and must learn of the activation's end.</summary>
internal sealed partial class Activation
{
    /// <summary>Fires when nothing of it is entered again. Asked for in the executor.</summary>
    public CancellationToken Ended => (Extras.Ended ??= new CancellationTokenSource()).Token;

    /// <summary>Why it ended; to be read once <see cref="Ended"/> has fired.</summary>
    public DeactivationReason EndReason => PendingEnd != 0 ? PendingEnd : DeactivationReason.Evicted; // Nobody asked it to end: its incarnation is over.

    /// <summary>Tells; what is registered runs on the pool.</summary>
    private void SignalEnd() => _ = _extras?.Ended?.CancelAsync();
}
