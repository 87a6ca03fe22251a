using Kameo.Actors.Calls;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>Calls that share the actor with the <c>[ReadOnly]</c> turns that run pass one that cannot only for a while, or a steady stream of them would keep that waiting for ever. In the executor, but for what says otherwise.</summary>
/// <remarks>
/// They are held back, not barred: a turn that runs may wait for one of them, by way of other actors, and would then wait for ever. Where that is seen on this node the call starts at once; where it is not, all that are held back
/// start together after a time, <see cref="WaitingWrite"/>. For the same reason the search for deadlocks takes no notice of it: what is held back waits for a time, and for no turn.
/// </remarks>
internal sealed partial class Activation
{
    /// <summary>Those that are held back may be over it: has the executor look. The node's tick.</summary>
    public void WakeHeldBack(long now)
    {
        // An item, not the mark alone: an executor that is just about to end would look for nothing else.
        if (_extras?.Write is { } write && write.TryWake(now) && _resumptions.TryPush(TurnItem.RentPost(null, static _ => { }, null)))
        {
            Schedule();
        }
    }

    /// <summary>Whether what may not start now waits only for turns of methods that share the actor, and will run.</summary>
    private bool IsWaitingWrite(InboxItem item)
    {
        if (_runningExclusive != 0 || _runningReads == 0)
        {
            return false;
        }

        return item is ActorCall call
            ? IsExclusive(call.Method.Options) && !call.IsWithdrawn && (call.IsTell || call.Origin is null || call.DeadlineMilliseconds > Node.Clock.NowMilliseconds)
            : IsExclusive(((WaitingCalls)item).Method.Options);
    }

    /// <summary>Whether a call that may start beside the turns that run does so, though one that may not waits before it. It is started then.</summary>
    /// <param name="write">The one that waits.</param>
    /// <param name="options">What the attributes of the other one's method say.</param>
    /// <param name="call">The other one, if it is an object.</param>
    /// <param name="holdsBack">Whether one was held back in this look already: then the time has not come for any.</param>
    private bool MayPass(InboxItem write, ActorMethodOptions options, ActorCall? call, ref bool holdsBack)
    {
        bool isRead = IsRead(options);
        if (isRead && !(call is not null && IsLetIn(call)))
        {
            WaitingWrite waiting = Extras.Write ??= new WaitingWrite();
            waiting.See(write, _dequeued);
            if (waiting.MayPass == 0 && !(call is not null && IsWaitedForHere(call)))
            {
                if (holdsBack || !waiting.HoldBack(Node.Clock.NowMilliseconds))
                {
                    holdsBack = true;
                    return false;
                }

                waiting.LetIn(CountReads());
            }
        }

        _extras?.Write?.OnPassed(write, _dequeued, isRead);
        return true;
    }

    /// <summary>Whether a turn of this activation waits for the call, through whichever actors of this node. Looked up until all that wait for it have been seen.</summary>
    private bool IsWaitedForHere(ActorCall call)
    {
        if (call.IsHeldBack)
        {
            return false;
        }

        bool leads = new CallChain(call).LeadsToTurnOf(this, out bool isWhole);
        call.IsHeldBack = isWhole;
        return leads;
    }

    private static bool IsRead(ActorMethodOptions options) => (options & (ActorMethodOptions.ReadOnly | ActorMethodOptions.AlwaysInterleave)) == ActorMethodOptions.ReadOnly;

    private int CountReads()
    {
        int count = 0;
        for (InboxItem? item = _waiting.First; item is not null; item = item.NextItem)
        {
            count += IsRead(item is ActorCall call ? call.Method.Options : ((WaitingCalls)item).Method.Options) ? 1 : 0;
        }

        return count;
    }
}
