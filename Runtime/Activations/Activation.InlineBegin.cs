using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Activations;

/// <summary>An actor that is constructed for an ask on its caller's stack: as in the executor's steps, but without a mailbox on the way. Only where that runs the constructor and nothing else: <see cref="ClassTerms.BeginsInline"/>.</summary>
internal sealed partial class Activation
{
    /// <summary>Takes the place of the first step, if nothing speaks against a turn on this stack. In the executor, which the caller is already.</summary>
    /// <returns>Whether the actor is to be constructed here now. Else nothing has happened, or it has ended, as in the first step.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryBeginInline(Activation? caller, InlineThread thread) =>
        Terms.BeginsInline
        && _waiting.IsEmpty && _intake.HasNoCalls && _resumptions.IsEmpty && Volatile.Read(ref _endAsked) == 0 && PendingEnd == 0
        && Node.Failures.IsEmpty
        && MayEnterOn(thread) && (caller is null || caller.MayEnterOn(thread))
        && (_place.Begun == Begun || TryBegin());

    /// <summary>Constructs it, in its turn, its contexts entered. After <see cref="TryEnterInline"/>.</summary>
    /// <returns>
    /// Whether the ask may run here now. Else it is queued, and the executor goes on: it finds what came meanwhile, or asks of the constructor, or the failure, which it meets at its own attempt, so that all who wait are told.
    /// </returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SuppressMessage("Design", "CA1031", Justification = "Whatever user code throws goes to the callers, by the executor.")]
    public bool TryConstructInline(InlineThread thread)
    {
        MethodPace pace = Terms.ConstructorPace;
        TimeProvider? timed = thread.IsSample(pace.Number) ? Node.Clock.Provider : null;
        long started = timed?.GetTimestamp() ?? 0;
        _state = ActivationState.Activating;
        try
        {
            Construct();
            _state = ActivationState.Active;
        }
        catch (Exception exception)
        {
            Extras.ConstructorFailure = exception;
            _state = ActivationState.New;
            return false;
        }

        if (timed is not null)
        {
            pace.TimedInline(timed.GetElapsedTime(started), endedAtOnce: true);
        }

        if (!IsQuiet || !MayEnterOn(thread))
        {
            return false;
        }

        _runsInline++;
        return true;
    }

    /// <summary>Gives the executor's place up after a <see cref="TryConstructInline"/> in vain. The same thread adds its ask now.</summary>
    /// <remarks>
    /// That the constructor asked for the end is looked at behind that ask, which it is to run before: the executor, had it been called for now, could find an empty mailbox and end. If no ask comes, since its arguments
    /// cannot be copied, the next call or the collector finds it.
    /// </remarks>
    public void LeaveUnbegun()
    {
        _intake.Release();
        if (HasNews && (Volatile.Read(ref _endAsked) != (byte)DeactivationReason.Requested || !_intake.HasNoCalls || !_resumptions.IsEmpty))
        {
            Schedule();
        }
    }
}
