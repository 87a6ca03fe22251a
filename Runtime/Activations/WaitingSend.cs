using Kameo.Actors.Deadlocks;
using Kameo.Actors.Placement;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Activations;

/// <summary>A tell to an actor of another node, which waits to be sent: that node takes no more of them, since they wait for the actor.</summary>
/// <param name="run">The turn that sends it.</param>
/// <param name="route">The way to the actor.</param>
/// <param name="connection">Where the tell waits.</param>
/// <param name="sent">Completes when it waits no longer.</param>
/// <param name="sender">Who waits for that turn.</param>
internal sealed class WaitingSend(TurnRun run, ActorRoute route, Connection connection, Task sent, CallChain sender)
    : WaitingTell(run.Turn.Activation.Node, route.Id, sent, sender)
{
    private protected override bool IsAwaitedHere => false; // It is on another node.

    private protected override void Refuse() =>
        connection.GiveUpTells(route.Target, run.Turn, () => !run.IsOver, "its node takes no more requests for the actor, and a turn of that waits for the sender");
}
