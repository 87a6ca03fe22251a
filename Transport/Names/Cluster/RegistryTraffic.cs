namespace Kameo.Actors.Transport.Names.Cluster;

/// <summary>What the shell counts besides the core's own counters.</summary>
internal sealed class RegistryTraffic
{
    private long _messagesDropped;

    /// <summary>Bytes of gossip received, of any sort. Under the lock of the names.</summary>
    public long BytesReceived { get; set; }

    /// <summary>Messages that found no connection, or no room on it.</summary>
    public long MessagesDropped => Interlocked.Read(ref _messagesDropped);

    /// <summary>Counts one dropped message; any thread.</summary>
    public void CountDropped() => Interlocked.Increment(ref _messagesDropped);
}
