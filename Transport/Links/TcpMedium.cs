using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>Links over TCP by <see cref="Socket"/>, on any platform.</summary>
internal sealed class TcpMedium : ISocketMedium
{
    /// <inheritdoc/>
    public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => TcpListening.Listen(address, socket => accepted(Take(socket)));

    /// <inheritdoc/>
    public ILink Take(Socket accepted) => new TcpLink(accepted);

    /// <inheritdoc/>
    public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) =>
        TcpDialling.DialAsync(address, static (socket, candidate, token) => socket.ConnectAsync(candidate, token).AsTask(), static socket => new TcpLink(socket), cancellation);
}
