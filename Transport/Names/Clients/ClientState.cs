namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>What a member knows of a client that follows through it. Guarded by the lock of the names.</summary>
/// <param name="incarnation">Which life of the client.</param>
internal sealed class ClientState(ulong incarnation)
{
    /// <summary>Which life of the client.</summary>
    public ulong Incarnation => incarnation;

    /// <summary>The names registered for it.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Waits until its names are visible that are under way.</summary>
    public int Waits { get; set; }
}
