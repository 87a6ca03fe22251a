using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>Links over TCP by <see cref="Socket"/>, on any platform.</summary>
internal sealed class TcpMedium : ILinkMedium
{
    /// <summary>Connections that may wait to be accepted; more are refused by the kernel.</summary>
    private const int BacklogCount = 512;

    /// <inheritdoc/>
    public ILinkListener Listen(EndPoint address, Action<ILink> accepted)
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
            throw new TransportException(CloseReason.Unreachable, $"Cannot listen on {address}: {why}.", exception);
        }

        return new Listener(socket, accepted);
    }

    /// <inheritdoc/>
    public async Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation)
    {
        IReadOnlyList<IPEndPoint> candidates = await ResolveAsync(address, cancellation).ConfigureAwait(false);
        SocketException? last = null;
        foreach (IPEndPoint candidate in candidates)
        {
            var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(candidate, cancellation).ConfigureAwait(false);
                return new TcpLink(socket);
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

    private sealed class Listener : ILinkListener
    {
        private readonly Socket _socket;
        private readonly Action<ILink> _accepted;

        public Listener(Socket socket, Action<ILink> accepted)
        {
            _socket = socket;
            _accepted = accepted;
            LocalEndPoint = socket.LocalEndPoint!;
            _ = Task.Run(RunAcceptAsync);
        }

        public EndPoint LocalEndPoint { get; }

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
                catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
                {
                    return;
                }
                catch (SocketException)
                {
                    // A connection that ended before it was accepted, or no descriptors left: others may still come.
                    await Task.Yield();
                    continue;
                }

                try
                {
                    _accepted(new TcpLink(peer));
                }
                catch (SocketException)
                {
                    peer.Dispose(); // Reset between accept and the first option set.
                }
            }
        }
    }
}
