using System.ComponentModel;

namespace Kameo.Actors.Serialization;

/// <summary>Says, while it lives, for which node this thread decodes: references become those of that node. Entered by generated code, only for interfaces whose messages hold references.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct NodeScope
{
    [ThreadStatic]
    private static ActorNode? t_current;

    private readonly ActorNode? _before;

    internal NodeScope(ActorNode? node)
    {
        _before = t_current;
        t_current = node;
    }

    /// <summary>The node this thread decodes for.</summary>
    /// <exception cref="InvalidOperationException">It decodes for none.</exception>
    internal static ActorNode Current => t_current ?? throw new InvalidOperationException("References to actors are decoded by a node; this thread decodes for none.");

    internal static ActorNode? CurrentOrNull => t_current;

    /// <summary>Ends it.</summary>
    public void Dispose() => t_current = _before;
}
