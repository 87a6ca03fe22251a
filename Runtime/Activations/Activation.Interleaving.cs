using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Filters;

namespace Kameo.Actors.Activations;

/// <summary>Which calls may start beside turns that wait. In the executor.</summary>
internal sealed partial class Activation
{
    /// <summary>Whether it ends when its turns have, by its own wish or for a failure. Beside them begins what they wait for, so that they can end, and nothing else: that goes to the next activation.</summary>
    /// <remarks>What they wait for is of an open call chain, or seen to be awaited, by way of actors of this node. What is awaited by way of others waits for the turns to end, and is found as a deadlock.</remarks>
    private bool IsEndingHere => _runningTurns != 0 && PendingEnd is DeactivationReason.Requested or DeactivationReason.Restarted or DeactivationReason.Failed;

    /// <summary>Whether a call that waits may start now. It may ask the predicate of the class.</summary>
    private bool MayStart(ActorCall call) => !IsEndingHere
        ? MayStart(call.Method.Options) || IsLetIn(call)
        : (HasSections && IsOfOpenChain(call.Context)) || ((MayStart(call.Method.Options) || IsLetIn(call)) && IsWaitedForHere(call));

    private bool IsLetIn(ActorCall call) =>
        (HasSections && IsOfOpenChain(call.Context))
        || (!_isOverdue && Terms.MayInterleave is { } predicate && (call.Interleaves ?? Asks(predicate, call)));

    /// <summary>What interleaves with everything bars nothing either, as in Orleans: a call that waits in such a method until another changes something would else keep that from running.</summary>
    private bool MayStart(ActorMethodOptions options) =>
        _runningTurns == 0
        || (!_isOverdue
            && ((Terms.Options & ActorClassOptions.Reentrant) != 0
                || (options & ActorMethodOptions.AlwaysInterleave) != 0
                || (_runningExclusive == 0 && (_runningReads == 0 || (options & ActorMethodOptions.ReadOnly) != 0))));

    /// <summary>Asks the predicate, once for each call: what it said stands until the call starts. One that throws lets nothing in.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the predicate throws, the call waits for its turn as any other.")]
    private bool Asks(Func<IActorRequest, bool> predicate, ActorCall call)
    {
        if (!call.Method.HasInterface || call.IsArriving)
        {
            return false; // A tick or a notice is no call of the user's; and of what is still arriving nothing can be asked.
        }

        bool interleaves = false;
        try
        {
            interleaves = WaitingRequest.Ask(predicate, call);
        }
        catch (Exception exception)
        {
            if (Terms.IsFirstFailureOfPredicate())
            {
                LifeLog.PredicateFailed(Node.Logger, exception, Id.ClassName, call.Method.ToString());
            }
        }

        ExecutionContext.Restore(CleanFlow.Value); // What it left on the thread is not for the turn.
        SynchronizationContext.SetSynchronizationContext(null);
        call.Interleaves = interleaves;
        return interleaves;
    }
}
