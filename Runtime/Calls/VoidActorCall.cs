using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>A call without a result.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class VoidActorCall : ActorCall
{
    /// <summary>Calls the method on the actor, in its turn.</summary>
    protected internal abstract ValueTask Invoke(object actor);
}
