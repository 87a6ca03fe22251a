namespace Kameo.Actors.Transport;

/// <summary>How a node reads its sockets. Everything else is the same.</summary>
public enum TransportLoop
{
    /// <summary>.NET's asynchronous sockets: every platform.</summary>
    Portable,

    /// <summary>
    /// Threads of the node's own on epoll, which read, decrypt and dispatch in place, and run short turns and continuations there, too. Code that blocks or takes long holds up no socket for more than some milliseconds: another thread of the loop goes
    /// on. Linux only.
    /// </summary>
    Epoll,

    /// <summary>
    /// Threads of the node's own on io_uring, which decrypt and dispatch in place what the kernel received for them. Linux 5.7 or later; newer kernels save more system calls.
    /// Where it is missing or forbidden, as in many containers, the node uses <see cref="Epoll"/> instead and logs why, once.
    /// </summary>
    IoUring,
}
