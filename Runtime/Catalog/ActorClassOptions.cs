using System.ComponentModel;

namespace Kameo.Actors.Catalog;

/// <summary>What the attributes of an actor class say.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[Flags]
public enum ActorClassOptions
{
    /// <summary>Nothing: one turn at a time, collected when idle.</summary>
    None = 0,

    /// <summary><c>[Reentrant]</c>: every call may start while others wait.</summary>
    Reentrant = 1,

    /// <summary><c>[KeepAlive]</c>: never collected for being idle.</summary>
    KeepAlive = 2,
}
