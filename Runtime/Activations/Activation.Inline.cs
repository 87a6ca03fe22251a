using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Activations;

/// <summary>Asks on their caller's stack: the caller's thread is the executor for the time of one turn's first stretch.</summary>
internal sealed partial class Activation
{
    private long _runsInline;

    /// <summary>Whether its class allows them.</summary>
    public bool InlinesAsks => Terms.InlinesAsks;

    /// <summary>Whether it is about to run, or runs. A glance: any thread.</summary>
    public bool IsScheduled => _intake.IsScheduled;

    /// <summary>Whether nothing waits here, and it takes turns. In the executor.</summary>
    private bool IsQuiet => _state == ActivationState.Active && PendingEnd == 0 && !_isHeld && _ready is null && _waiting.IsEmpty && _intake.HasNoCalls && _resumptions.IsEmpty && Volatile.Read(ref _endAsked) == 0;

    /// <summary>Takes the executor's place, if nobody has it and there is nothing to do before.</summary>
    /// <param name="options">What the method's attributes say.</param>
    /// <param name="caller">The activation that asks in its turn, if one does: what it says is let out under its own lease.</param>
    /// <param name="thread">This thread.</param>
    /// <returns>The turn to run in; null if the ask has to be queued. Partner of the step: those of <see cref="Schedule"/> and at the executor's end.</returns>
    public Turn? TryEnterInline(ActorMethodOptions options, Activation? caller, InlineThread thread)
    {
        if (!_intake.TryClaim())
        {
            return null;
        }

        if (IsQuiet && MayStart(options) && MayEnterOn(thread) && (caller is null || ReferenceEquals(caller._standing.Life, _standing.Life) || caller.MayEnterOn(thread)))
        {
            _runsInline++;
            return RentTurn();
        }

        if (_state == ActivationState.New && TryBeginInline(caller, thread))
        {
            return RentTurn(); // It counts when it is constructed.
        }

        if (_waiting.IsEmpty && _ready is null)
        {
            LeaveInline();
        }
        else
        {
            ReadyWork.Queue(this); // Whoever found the place taken meanwhile may have wanted what waits to be looked at.
        }

        return null;
    }

    /// <summary>A turn has ended that never was a call's. In the executor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndInlineTurn(Turn turn)
    {
        _standing.LastUsed = Node.Activations.RecentMilliseconds;
        FreeTurn(turn);
    }

    /// <summary>Gives the executor's place up. What came meanwhile found it taken, so it is looked for, after the full fence.</summary>
    public void LeaveInline()
    {
        _intake.Release();
        if (HasNews)
        {
            Schedule();
        }
    }
}
