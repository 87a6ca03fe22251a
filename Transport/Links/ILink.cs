using System.Net;

namespace Kameo.Actors.Transport.Links;

/// <summary>One ordered stream of bytes to a peer, as a connection sees it: a TCP connection, or a pipe in memory.</summary>
/// <remarks>Knows nothing of TLS or frames. <see cref="Send"/> is called by the one holder of the connection's drain flag; everything else from any thread.</remarks>
internal interface ILink
{
    /// <summary>Where the other end is.</summary>
    EndPoint? RemoteEndPoint { get; }

    /// <summary>Begins to deliver to <paramref name="receiver"/>. Called once.</summary>
    void Start(ILinkReceiver receiver);

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    /// <returns>
    /// True when the bytes were taken and the memory is free again. False when the link is still busy with them: then exactly one of
    /// <see cref="ILinkReceiver.OnSent"/> and <see cref="ILinkReceiver.OnClosed"/> follows, and until then the memory stays untouched and nothing else is sent.
    /// A link that has failed returns true and drops: its end is told through <see cref="ILinkReceiver.OnClosed"/>.
    /// </returns>
    bool Send(ReadOnlyMemory<byte> bytes);

    /// <summary>Says that nothing more is sent; what was sent still arrives.</summary>
    void EndSending();

    /// <summary>Ends the link at once. <see cref="ILinkReceiver.OnClosed"/> follows once, if it has not been called.</summary>
    void Close();
}

/// <summary>What a link tells its connection. <see cref="OnReceived"/> is never called by two threads at a time, nor after <see cref="OnClosed"/>.</summary>
internal interface ILinkReceiver
{
    /// <summary>Hop 6 begins: bytes arrived; they are valid during the call only.</summary>
    void OnReceived(ReadOnlySpan<byte> bytes);

    /// <summary>The send that returned false has finished.</summary>
    void OnSent();

    /// <summary>The link is over: the other end closed it (null), or the network did (the exception). Called exactly once.</summary>
    void OnClosed(Exception? error);
}
