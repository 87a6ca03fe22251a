using System.ComponentModel;
using Kameo.Actors.Catalog;

namespace Kameo.Actors.Calls;

/// <summary>What a generated reference passes to its base: the node that calls, the interface, the key, and the class if it is known. Only the runtime makes one.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ActorReferenceSeed
{
    internal ActorReferenceSeed(ActorNode node, ActorInterface @interface, ActorKey key, string? className = null, ReferenceTerms? terms = null)
    {
        Node = node;
        Interface = @interface;
        Key = key;
        ClassName = className;
        Terms = terms;
    }

    internal ActorNode Node { get; }

    internal ActorInterface Interface { get; }

    internal ActorKey Key { get; }

    /// <summary>The wire name of the actor's class; null: the one class that has the interface.</summary>
    internal string? ClassName { get; }

    /// <summary>On what terms it calls; null: the usual ones.</summary>
    internal ReferenceTerms? Terms { get; }
}
