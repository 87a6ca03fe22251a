namespace Kameo.Actors.Activations;

/// <summary>What a node tells of it. Glances: any thread.</summary>
internal sealed partial class Activation
{
    /// <summary>Calls that have left the mailbox or ran on their caller's stack, since it was made.</summary>
    public long StartedCalls => Volatile.Read(ref _dequeued) + Volatile.Read(ref _runsInline);

    /// <summary>Turns that have begun and not ended.</summary>
    public int RunningTurns => Volatile.Read(ref _runningTurns);

    /// <summary>Where it stands in its life.</summary>
    public ActivationState State => _state;
}
