using Kameo.Actors.Deadlocks;

namespace Kameo.Actors.Activations;

/// <summary>A tell to an actor of this node, which waits for a place in its mailbox.</summary>
/// <param name="activation">The actor whose mailbox is full.</param>
/// <param name="overflow">Where the tell waits.</param>
/// <param name="sequence">Which one it is there.</param>
/// <param name="place">Completes when it waits no longer.</param>
/// <param name="sender">Who waits for the turn that sends it.</param>
internal sealed class WaitingLocalTell(Activation activation, MailboxOverflow overflow, long sequence, Task place, CallChain sender)
    : WaitingTell(activation.Node, activation.Id, place, sender)
{
    private protected override bool IsAwaitedHere => Sender.LeadsTo(activation);

    private protected override void Refuse() => overflow.Refuse(sequence);
}
