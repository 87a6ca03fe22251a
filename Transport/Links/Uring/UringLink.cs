using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>A TCP connection that a <see cref="UringLoop"/> receives for.</summary>
/// <param name="socket">A connected, non-blocking socket that .NET's own engine has not seen.</param>
/// <param name="loop">Who receives.</param>
/// <param name="dialled">Where it was connected to by this node; null if the other end did.</param>
internal sealed class UringLink(Socket socket, UringLoop loop, EndPoint? dialled = null) : DescriptorLink(socket, dialled)
{
    /// <summary>The loop's: where it stands.</summary>
    internal UringLinkState State { get; set; }

    /// <summary>The loop's: its place in the loop's table while it is open or ending.</summary>
    internal int Slot { get; set; }

    /// <summary>The loop's: whether a receive is under way.</summary>
    internal bool IsReceiving { get; set; }

    /// <summary>The loop's: whether anything came since the receive was armed.</summary>
    internal bool HasReceived { get; set; }

    /// <summary>The loop's: whether a poll for room is under way.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>The loop's: why it ends.</summary>
    internal Exception? Error { get; set; }

    private protected override void BeginReceiving() => loop.Add(this);

    /// <summary>By a poll in the ring, which looks at the socket when it is armed: room that came meanwhile is found.</summary>
    private protected override void WatchRoom() => loop.WatchRoom(this);

    private protected override void AskForEnd() => loop.End(this);
}
