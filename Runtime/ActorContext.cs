using Kameo.Actors.Activations;

namespace Kameo.Actors;

/// <summary>Under what authority an activation runs. Any thread; stays what it is as long as the activation lives.</summary>
public readonly struct ActorContext
{
    private readonly Activation _activation;

    internal ActorContext(Activation activation) => _activation = activation;

    /// <summary>
    /// A number that never falls from one activation of the actor to the next, and rises whenever another node takes the actor over: the epoch of the view in which its place was given to it. A store outside of the cluster that
    /// remembers the greatest number it has seen of an actor, and refuses writes with a lower one, is safe from a process that was frozen in the middle of a turn and goes on when another node has the actor already.
    /// 0 on a node without membership.
    /// </summary>
    public long Fence => _activation.Fence;
}
