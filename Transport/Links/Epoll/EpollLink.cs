using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>A TCP connection that an <see cref="EpollLoop"/> receives for.</summary>
/// <param name="socket">A connected, non-blocking socket that .NET's own engine has not seen.</param>
/// <param name="loop">Who receives.</param>
/// <param name="dialled">Where it was connected to by this node; null if the other end did.</param>
internal sealed class EpollLink(Socket socket, EpollLoop loop, EndPoint? dialled = null) : DescriptorLink(socket, dialled)
{
    /// <summary>The loop's own number for it.</summary>
    internal ulong Id { get; set; }

    /// <summary>The loop's: whether the kernel has told that the peer sends nothing more. It tells once, so from then on only the end, or nothing at all, ends a turn of reading.</summary>
    internal bool IsEndAnnounced { get; set; }

    /// <summary>The loop's: whether it waits to be read on.</summary>
    internal bool IsUnread { get; set; }

    private protected override void BeginReceiving() => loop.Add(this);

    /// <summary>Nothing to do: the loop is told of each edge from no room to room, and this send has just met no room.</summary>
    private protected override void WatchRoom()
    {
    }

    private protected override void AskForEnd() => loop.End(this);
}
