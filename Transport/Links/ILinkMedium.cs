using System.Net;

namespace Kameo.Actors.Transport.Links;

/// <summary>Where links come from: the network, or a network in memory.</summary>
internal interface ILinkMedium
{
    /// <summary>Listens and hands each accepted link to <paramref name="accepted"/> on a pool thread.</summary>
    /// <exception cref="TransportException">The address cannot be bound.</exception>
    ILinkListener Listen(EndPoint address, Action<ILink> accepted);

    /// <summary>Connects to an address: an IP address, since names are resolved above.</summary>
    /// <exception cref="TransportException">Nothing answered; the message says what was tried.</exception>
    Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation);
}

/// <summary>A medium over sockets, which takes over what was accepted elsewhere.</summary>
internal interface ISocketMedium : ILinkMedium
{
    /// <summary>Makes the link of an accepted socket.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It was reset already.</exception>
    ILink Take(System.Net.Sockets.Socket accepted);
}

/// <summary>An address that is listened on, until disposed.</summary>
internal interface ILinkListener : IDisposable
{
    /// <summary>The address really bound: port 0 has been replaced.</summary>
    EndPoint LocalEndPoint { get; }
}
