using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>Binds, listens and accepts TCP connections, for every loop alike.</summary>
internal sealed class TcpListening : ILinkListener
{
    /// <summary>Connections that may wait to be accepted; more are refused by the kernel.</summary>
    private const int BacklogCount = 512;

    private readonly Socket _socket;
    private readonly Action<Socket> _accepted;

    private TcpListening(Socket socket, Action<Socket> accepted)
    {
        _socket = socket;
        _accepted = accepted;
        LocalEndPoint = socket.LocalEndPoint!;
        _ = Task.Run(RunAcceptAsync);
    }

    /// <inheritdoc/>
    public EndPoint LocalEndPoint { get; }

    /// <summary>Listens and hands each accepted socket to <paramref name="accepted"/>, on a pool thread.</summary>
    /// <exception cref="TransportException">The address cannot be bound; the message says why.</exception>
    public static TcpListening Listen(EndPoint address, Action<Socket> accepted) => new(Bind(address), accepted);

    /// <summary>A socket that listens.</summary>
    /// <exception cref="TransportException">The address cannot be bound; the message says why.</exception>
    public static Socket Bind(EndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(BacklogCount);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            string why = exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "the port is in use",
                SocketError.AddressNotAvailable => "this machine has no such address",
                SocketError.AccessDenied => "permission denied",
                _ => exception.Message,
            };
            throw new TransportException(CloseReason.Unreachable, $"Cannot listen on {AddressText.Of(address)}: {why}.", exception);
        }

        return socket;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async Task RunAcceptAsync()
    {
        while (true)
        {
            Socket peer;
            try
            {
                peer = await _socket.AcceptAsync().ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument)
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that ended before it was accepted, or no descriptors left: others may still come.
                await Task.Delay(TimeSpan.FromMilliseconds(10)).ConfigureAwait(false);
                continue;
            }

            try
            {
                _accepted(peer);
            }
            catch (SocketException)
            {
                peer.Dispose(); // Reset between accept and the first option set.
            }
        }
    }
}
