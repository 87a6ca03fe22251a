using Kameo.Actors.Transport;

namespace Kameo.Actors.Items;

/// <summary>Says, while it lives, whose answer this thread reads.</summary>
internal readonly ref struct ItemsOriginScope
{
    [ThreadStatic]
    private static ItemsOrigin? t_current;

    private readonly ItemsOrigin? _before;

    /// <summary>Begins it.</summary>
    public ItemsOriginScope(ActorId actor, PeerId? node)
    {
        _before = t_current;
        t_current = new ItemsOrigin(actor, node);
    }

    /// <summary>Whose; null for what is no answer of an actor.</summary>
    public static ItemsOrigin? CurrentOrNull => t_current;

    /// <summary>Ends it.</summary>
    public void Dispose() => t_current = _before;
}
