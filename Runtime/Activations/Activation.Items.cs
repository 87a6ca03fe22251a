namespace Kameo.Actors.Activations;

/// <summary>What outlives the turn that began it, and must learn of the activation's end.</summary>
internal sealed partial class Activation
{
    /// <summary>Fires when nothing of it is entered again. Asked for in the executor.</summary>
    public CancellationToken Ended => (Extras.Ended ??= new CancellationTokenSource()).Token;

    /// <summary>Tells; what is registered runs on the pool.</summary>
    private void SignalEnd() => _ = _extras?.Ended?.CancelAsync();
}
