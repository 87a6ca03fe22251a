using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>Connects a socket and says why when it cannot, for every loop alike.</summary>
internal static class TcpDialling
{
    /// <summary>Connects.</summary>
    /// <param name="address">An IP address.</param>
    /// <param name="connect">Connects one socket.</param>
    /// <param name="take">Makes the link of the connected socket.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TransportException">Nothing answered; the message says why.</exception>
    public static async Task<ILink> DialAsync(
        EndPoint address, Func<Socket, IPEndPoint, CancellationToken, Task> connect, Func<Socket, ILink> take, CancellationToken cancellation)
    {
        var candidate = (IPEndPoint)address;
        var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await connect(socket, candidate, cancellation).ConfigureAwait(false);
            return take(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw Failure(address, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TransportException Failure(EndPoint address, SocketException error)
    {
        string why = error.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.TimedOut => "no answer",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route",
            _ => error.Message,
        };
        return new TransportException(CloseReason.Unreachable, $"Cannot reach {AddressText.Of(address)}: {why}.", error);
    }
}
