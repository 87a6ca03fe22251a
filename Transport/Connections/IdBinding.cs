namespace Kameo.Actors.Transport.Connections;

/// <summary>The number of an id on one connection.</summary>
/// <param name="connection">The connection it holds for.</param>
/// <param name="number">The number, or 0 while the id still travels inline.</param>
/// <param name="isFinal">False when the next use should try to intern it.</param>
internal sealed class IdBinding(Connection connection, uint number, bool isFinal)
{
    /// <summary>The connection it holds for.</summary>
    public Connection Connection { get; } = connection;

    /// <summary>The number, or 0: inline.</summary>
    public uint Number { get; } = number;

    /// <summary>Whether the peer wants nothing more for it now; set under the lock of the connection's send queue. A glance: any thread.</summary>
    public bool IsPaused
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    }

    /// <summary>Whether the number will not change while the connection lives.</summary>
    public bool IsFinal { get; } = isFinal;
}
