namespace Kameo.Actors.Transport;

/// <summary>How a node reads its sockets. Everything else is the same.</summary>
public enum TransportLoop
{
    /// <summary>.NET's asynchronous sockets: every platform.</summary>
    Portable,

    /// <summary>Threads of the node's own on epoll, which read, decrypt and dispatch in place. Linux only.</summary>
    Epoll,
}
