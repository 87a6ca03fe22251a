using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>Links over TCP whose sockets are read by epoll threads. Linux only; accepting is that of <see cref="TcpMedium"/>.</summary>
internal sealed class EpollMedium : ISocketMedium, IDisposable
{
    private readonly EpollLoop[] _loops;
    private int _next;

    /// <summary>Starts the loops.</summary>
    /// <param name="loopCount">How many threads read; links are spread over them.</param>
    public EpollMedium(int loopCount)
    {
        _loops = new EpollLoop[loopCount];
        for (int index = 0; index < loopCount; index++)
        {
            _loops[index] = new EpollLoop($"kameo-epoll-{index}");
        }
    }

    /// <summary>Whether this machine has epoll.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <inheritdoc/>
    public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => TcpListening.Listen(address, socket => accepted(Take(socket)));

    /// <inheritdoc/>
    public ILink Take(Socket accepted)
    {
        accepted.Blocking = false;
        return new EpollLink(accepted, NextLoop());
    }

    /// <inheritdoc/>
    public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) =>
        TcpDialling.DialAsync(address, RawConnect.ConnectAsync, socket => new EpollLink(socket, NextLoop(), address), cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (EpollLoop loop in _loops)
        {
            loop.Dispose();
        }
    }

    private EpollLoop NextLoop() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];
}
