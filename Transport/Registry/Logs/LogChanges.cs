namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What one delta changed in a writer's log. Used again for the next.</summary>
internal sealed class LogChanges
{
    /// <summary>Entries that are no more.</summary>
    public List<RegistryEntry> Dropped { get; } = [];

    /// <summary>Entries that are new.</summary>
    public List<RegistryEntry> Added { get; } = [];

    /// <summary>Forgets them.</summary>
    public void Clear()
    {
        Dropped.Clear();
        Added.Clear();
    }
}
