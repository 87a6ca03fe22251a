namespace Kameo.Actors.Transport.Names.Watching;

/// <summary>Somebody waits for a name to be registered. Guarded by the lock of the names it belongs to.</summary>
internal sealed class NameWait
{
    /// <summary>Completes with the registration.</summary>
    public TaskCompletionSource Source { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many wait.</summary>
    public int Waiters { get; set; }
}
