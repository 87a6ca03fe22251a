using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Activations;

/// <summary>A tell that waits for a place, made in a turn that the told actor may wait for: then it would wait in vain, and is refused. Looked at by the node's tick: a caller may await its ask only after that has begun to run, and have told.</summary>
/// <param name="node">The node.</param>
/// <param name="actor">The actor whose mailbox is full.</param>
/// <param name="place">Completes when it waits no longer.</param>
/// <param name="sender">Who waits for the turn that sends it.</param>
internal abstract class WaitingTell(ActorNode node, ActorId actor, Task place, CallChain sender)
{
    private const int LookEveryTicksMax = 8;

    private int _ticks;
    private ulong _question;

    /// <summary>Whether nobody has to look at it any longer.</summary>
    private bool IsOver => place.IsCompleted || !sender.IsOpen;

    /// <summary>Who waits for the turn that sends it.</summary>
    private protected CallChain Sender => sender;

    /// <summary>Looks whether the actor waits for the sender, on this node or, if other nodes' asks lead here, there: at the first tick, the second, the fourth, and then every <see cref="LookEveryTicksMax"/>.</summary>
    /// <returns>False if it need not be looked at again.</returns>
    public bool Look()
    {
        if (IsOver)
        {
            if (_question != 0)
            {
                node.Chains.Close(_question);
            }

            return false;
        }

        if (int.IsPow2(++_ticks))
        {
            _ticks = _ticks == LookEveryTicksMax * 2 ? LookEveryTicksMax : _ticks;
            if (IsAwaitedHere)
            {
                Refuse();
            }
            else if (sender.TryFindOrigin(out AskOfPeer origin))
            {
                if (_question == 0)
                {
                    _question = node.Chains.Open(this);
                }

                node.Chains.Ask(_question, actor, origin);
            }
        }

        return true;
    }

    /// <summary>Another node has found that the actor waits for the sender. Any thread.</summary>
    public void OnAwaited()
    {
        if (!IsOver)
        {
            Refuse();
        }
    }

    /// <summary>Whether a turn of the actor on this node waits for the sender.</summary>
    private protected abstract bool IsAwaitedHere { get; }

    /// <summary>It fails, unless it has a place by now. Any thread.</summary>
    private protected abstract void Refuse();
}
