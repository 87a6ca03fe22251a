using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>Links over TCP by <see cref="Socket"/>, on any platform.</summary>
internal sealed class TcpMedium : ILinkMedium
{
    /// <inheritdoc/>
    public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => TcpListening.Listen(address, socket => accepted(new TcpLink(socket)));

    /// <inheritdoc/>
    public Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation) =>
        TcpDialling.DialAsync(address, static (socket, candidate, token) => socket.ConnectAsync(candidate, token).AsTask(), static socket => new TcpLink(socket), cancellation);
}
