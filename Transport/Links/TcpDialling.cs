using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>Resolves a name and tries each of its addresses in turn, for every loop alike.</summary>
internal static class TcpDialling
{
    /// <summary>Connects to the first address that answers.</summary>
    /// <param name="address">An IP address, or a name that is resolved now.</param>
    /// <param name="connect">Connects one socket.</param>
    /// <param name="take">Makes the link of the connected socket.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="TransportException">None answered; the message says why the last one did not.</exception>
    public static async Task<ILink> DialAsync(
        EndPoint address, Func<Socket, IPEndPoint, CancellationToken, Task> connect, Func<Socket, ILink> take, CancellationToken cancellation)
    {
        SocketException? last = null;
        foreach (IPEndPoint candidate in await ResolveAsync(address, cancellation).ConfigureAwait(false))
        {
            var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await connect(socket, candidate, cancellation).ConfigureAwait(false);
                return take(socket);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                last = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        string why = last?.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.TimedOut => "no answer",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route",
            null => "the name has no address",
            _ => last.Message,
        };
        throw new TransportException(CloseReason.Unreachable, $"Cannot reach {AddressText.Of(address)}: {why}.", last);
    }

    private static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(EndPoint address, CancellationToken cancellation)
    {
        if (address is IPEndPoint ip)
        {
            return [ip];
        }

        var name = (DnsEndPoint)address;
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(name.Host, cancellation).ConfigureAwait(false);
            return [.. addresses.Select(found => new IPEndPoint(found, name.Port))];
        }
        catch (SocketException exception)
        {
            throw new TransportException(CloseReason.Unreachable, $"Cannot resolve {name.Host}: {exception.Message}.", exception);
        }
    }
}
