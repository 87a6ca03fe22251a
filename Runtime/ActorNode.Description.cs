using Kameo.Actors.Diagnostics;

namespace Kameo.Actors;

/// <summary>What the node tells of itself.</summary>
public sealed partial class ActorNode
{
    /// <summary>Whether it takes calls: it was started, and does not stop.</summary>
    public bool IsServing => _transport is not null && !_stopping.IsCancellationRequested;

    /// <summary>What this node is doing: its actors by class, the busiest ones, the longest queues, who waits for whom, its connections. Any thread.</summary>
    /// <remarks>Looks at every actor in memory once (about 20 ns each), takes no lock and stops nobody: for a console or an endpoint, not for every call.</remarks>
    /// <exception cref="InvalidOperationException">The node has not been started.</exception>
    public ActorNodeDescription Describe() => NodeDescriber.Describe(this);
}
