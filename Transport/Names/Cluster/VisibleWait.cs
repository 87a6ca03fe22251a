using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>Somebody waits until every member knows a version of this node's names: a caller here, or a client that follows through this node.</summary>
internal abstract class VisibleWait
{
    /// <summary>It is over. Called once, on any thread, without a lock; must not block.</summary>
    public abstract void End(WaitOutcome outcome);
}
