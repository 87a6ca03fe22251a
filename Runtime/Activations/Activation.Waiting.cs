using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Deadlocks;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Activations;

/// <summary>Which calls wait for which of its turns: what the search for deadlocks looks at. In the executor, but for what says otherwise.</summary>
internal sealed partial class Activation
{
    /// <summary>Most turns that one look reads.</summary>
    private const int TurnsReadMax = 256;

    private bool _isWatched;

    /// <summary>Whether calls wait in it. A glance: any thread.</summary>
    public bool HasWaiting => QueuedCalls > 0 && _state != ActivationState.Ended;

    /// <summary>Whether calls may pass others that are barred. A glance: any thread.</summary>
    public bool LetsPass => Terms.HasInterleaving || _extras is { HasInterleaving: true } or { Sections.Count: > 0 };

    /// <summary>Whether any call may start beside its turns: what waits in it does not wait for them to end.</summary>
    public bool LetsAllIn => (Terms.Options & ActorClassOptions.Reentrant) != 0;

    /// <summary>Whether that task is the activation of its actor, which runs in one of its turns. A glance: any thread.</summary>
    public bool IsActivatedBy(Task task)
    {
        foreach (Turn turn in Turns)
        {
            if (ReferenceEquals(turn.EndsWith, task))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The watch has it, until <see cref="Unwatch"/>. Any thread.</summary>
    /// <returns>Whether it had not.</returns>
    public bool TryWatch() => !Interlocked.Exchange(ref _isWatched, true);

    /// <summary>The watch lets go of it; whoever finds calls waiting after this gives it to the watch again. The node's tick.</summary>
    public void Unwatch() => Interlocked.Exchange(ref _isWatched, false);

    /// <summary>Has the executor look, between two stretches of its turns. Any thread. Nothing happens if it has ended.</summary>
    public void Look(DeadlockLook look)
    {
        if (_resumptions.TryPush(TurnItem.RentPost(null, static look => ((DeadlockLook)look!).Run(), look)))
        {
            Schedule();
        }
    }

    /// <summary>The turns that some ask may not start before.</summary>
    public void ReadBarring(List<Turn> into)
    {
        TakeCalls();
        Unfold();
        bool? exclusiveBars = null; // Turns of one kind bar the same calls.
        bool? readBars = null;
        bool? interleavingBars = null;
        foreach (Turn turn in Turns)
        {
            if (into.Count == TurnsReadMax)
            {
                return;
            }

            if (!turn.IsRunning)
            {
                continue;
            }

            ref bool? bars = ref exclusiveBars;
            if (!IsExclusive(turn))
            {
                bars = ref IsRead(turn.Call!.Method.Options) ? ref readBars : ref interleavingBars;
            }

            if (bars ??= BarsAny(turn))
            {
                into.Add(turn);
            }
        }
    }

    /// <summary>The turns that an ask waits for: the one that it runs in, or those that bar it.</summary>
    public void ReadTurnsOf(in AskName ask, List<(Turn Turn, bool IsBarring)> into)
    {
        foreach (Turn turn in Turns)
        {
            if (turn.Call is { } call && ask.Is(call))
            {
                into.Add((turn, false));
                return;
            }
        }

        if (Find(ask, out _) is not { } waiting)
        {
            return;
        }

        foreach (Turn turn in Turns)
        {
            if (into.Count == TurnsReadMax)
            {
                return;
            }

            if (turn.IsRunning && Bars(turn, waiting))
            {
                into.Add((turn, true));
            }
        }
    }

    /// <summary>Takes a queued ask out, which will not run: its caller is told why.</summary>
    /// <returns>False if it was given up meanwhile.</returns>
    public bool Withdraw(in AskName ask, in Fault fault)
    {
        if (Find(ask, out InboxItem? before) is not { } call || !call.TryWithdraw())
        {
            return false;
        }

        _waiting.TakeAfter(before);
        Dequeue();
        call.Refuse(fault);
        return true;
    }

    /// <summary>It has nothing to do, and calls wait: the watch looks at it from time to time.</summary>
    private void BeWatched()
    {
        if (TryWatch())
        {
            Node.Deadlocks.Watch(this);
        }
    }

    private ActorCall? Find(in AskName ask, out InboxItem? before)
    {
        TakeCalls();
        Unfold();
        before = null;
        for (InboxItem? item = _waiting.First; item is not null; before = item, item = item.NextItem)
        {
            if (item is ActorCall call && ask.Is(call))
            {
                return call;
            }
        }

        return null;
    }

    /// <summary>Gives the calls of peers that wait together an object each, which can be found and taken out.</summary>
    private void Unfold()
    {
        TurnQueue unfolded = default;
        for (InboxItem? item = _waiting.First, next; item is not null; item = next)
        {
            next = item.NextItem;
            item.NextItem = null;
            if (item is not InboundCalls calls)
            {
                unfolded.Append(item);
                continue;
            }

            for (int left = calls.Close(); left > 0; left--)
            {
                unfolded.Append(calls.TakeCall(Node, Id));
            }
        }

        _waiting = unfolded;
    }

    /// <summary>Whether a waiting call may not start before a turn has ended.</summary>
    private bool Bars(Turn turn, ActorCall call) =>
        !call.IsTell && !call.IsWithdrawn
        && (_state == ActivationState.Activating
            || (_state == ActivationState.Active && !MayStart(call)
                && (IsEndingHere || _isOverdue || IsExclusive(turn) || (IsExclusive(call.Method.Options) && IsRead(turn.Call!.Method.Options)))));

    private bool BarsAny(Turn turn)
    {
        for (InboxItem? item = _waiting.First; item is not null; item = item.NextItem)
        {
            if (item is ActorCall call && Bars(turn, call))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsExclusive(Turn turn) => turn.Call is not { } call || IsExclusive(call.Method.Options);
}
