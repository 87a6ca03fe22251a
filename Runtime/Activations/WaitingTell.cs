using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Activations;

/// <summary>A tell that waits for a place, made in a turn that another may wait for: a caller may await its ask only after that has begun to run, and have told. The node's tick.</summary>
/// <param name="activation">The actor whose mailbox is full.</param>
/// <param name="overflow">Where the tell waits.</param>
/// <param name="sequence">Which one it is there.</param>
/// <param name="place">Completes when it waits no longer.</param>
/// <param name="sender">Who waits for the turn that sends it.</param>
internal sealed class WaitingTell(Activation activation, MailboxOverflow overflow, long sequence, Task place, CallChain sender)
{
    private const int LookEveryTicksMax = 8;

    private int _ticks;

    /// <summary>Looks whether the actor waits for the sender: at the first tick, the second, the fourth, and then every <see cref="LookEveryTicksMax"/>.</summary>
    /// <returns>False if it need not be looked at again.</returns>
    public bool Look()
    {
        if (place.IsCompleted || !sender.IsOpen)
        {
            return false;
        }

        if (int.IsPow2(++_ticks))
        {
            _ticks = _ticks == LookEveryTicksMax * 2 ? LookEveryTicksMax : _ticks;
            if (sender.LeadsTo(activation))
            {
                overflow.Refuse(sequence);
            }
        }

        return true;
    }
}
