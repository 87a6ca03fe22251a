using System.ComponentModel;
using Kameo.Actors.Catalog;

namespace Kameo.Actors.Calls;

/// <summary>What a generated reference passes to its base: the node that calls, the interface and the key. Only the runtime makes one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ActorReferenceSeed
{
    internal ActorReferenceSeed(ActorNode node, ActorInterface @interface, ActorKey key)
    {
        Node = node;
        Interface = @interface;
        Key = key;
    }

    internal ActorNode Node { get; }

    internal ActorInterface Interface { get; }

    internal ActorKey Key { get; }
}
