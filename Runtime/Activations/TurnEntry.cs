using System.Runtime.CompilerServices;

namespace Kameo.Actors.Activations;

/// <summary>Awaited, it goes on in a turn: at once if that is where it is. What left the turn, or never was in it, enters the actor's code there all the same.</summary>
/// <param name="turn">The turn.</param>
internal readonly struct TurnEntry(Turn turn) : ICriticalNotifyCompletion
{
    /// <summary>Whether this is the turn.</summary>
    public bool IsCompleted => ReferenceEquals(SynchronizationContext.Current, turn);

    /// <summary>Itself.</summary>
    public TurnEntry GetAwaiter() => this;

    /// <summary>Nothing.</summary>
    public void GetResult()
    {
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => turn.Post(static action => ((Action)action!)(), continuation);
}
