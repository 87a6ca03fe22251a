using System.ComponentModel;

namespace Kameo.Actors.Calls;

/// <summary>What the attributes of an actor method say.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[Flags]
public enum ActorMethodOptions
{
    /// <summary>Nothing: an ask, one turn at a time.</summary>
    None = 0,

    /// <summary><c>[OneWay]</c>: a call through the interface is a tell.</summary>
    OneWay = 1,

    /// <summary><c>[ReadOnly]</c>: may run beside other read-only calls.</summary>
    ReadOnly = 2,

    /// <summary><c>[AlwaysInterleave]</c>: may run beside any call.</summary>
    AlwaysInterleave = 4,

    /// <summary>The last parameter is a <see cref="CancellationToken"/>.</summary>
    Cancellable = 8,

    /// <summary>Set by the runtime: its turns do not count as use of the activation.</summary>
    Background = 1 << 16,
}
