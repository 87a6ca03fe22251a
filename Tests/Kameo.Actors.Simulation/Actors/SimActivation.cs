using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>An actor in the memory of one node: turns one at a time, a mailbox, and an end that is a turn too.</summary>
internal sealed class SimActivation(int node, ActorId id, MemberId self, ClusterId cluster, long fence)
{
    public int Node { get; } = node;

    public ActorId Id { get; } = id;

    /// <summary>The life of the node that it is in.</summary>
    public MemberId Self { get; } = self;

    public ClusterId Cluster { get; } = cluster;

    public long Fence { get; } = fence;

    /// <summary>Calls that wait, and where each came from (-1: this node).</summary>
    public Queue<SimCall> Mailbox { get; } = new();

    /// <summary>The turn that runs or is suspended.</summary>
    public SimTurn? Turn { get; set; }

    /// <summary>It starts no new turn but its last.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Its turn's token is cancelled.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>It waits for the lease to start its next turn.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>It has ended.</summary>
    public bool IsOver { get; set; }
}

/// <summary>A turn: checked, entered, left; and once more if it awaits.</summary>
/// <param name="activation">Whose.</param>
/// <param name="call">What it runs; null for a tick or the end.</param>
internal sealed class SimTurn(SimActivation activation, SimCall? call)
{
    public SimActivation Activation { get; } = activation;

    public SimCall? Call { get; } = call;

    /// <summary>Whether it is the activation's last.</summary>
    public bool IsEnd { get; init; }

    public long Stretch { get; set; }

    public bool Suspends { get; set; }

    /// <summary>Whether it waits for what it awaited.</summary>
    public bool IsSuspended { get; set; }

    public long CheckedAt { get; set; }
}
