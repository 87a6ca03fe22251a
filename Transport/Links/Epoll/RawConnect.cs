using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Kameo.Actors.Transport.Links.Epoll.LinuxCalls;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>Connects a socket that one of the node's own loops reads afterwards.</summary>
internal static unsafe class RawConnect
{
    /// <summary>Connects without .NET's own engine, which would go on watching the socket: a non-blocking connect, then a poll on a pool thread.</summary>
    public static Task ConnectAsync(Socket socket, IPEndPoint address, CancellationToken cancellation)
    {
        socket.Blocking = false;
        SocketAddress raw = address.Serialize();
        int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        int result;
        fixed (byte* bytes = raw.Buffer.Span)
        {
            result = Connect(descriptor, bytes, raw.Size);
        }

        int error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error == 0)
        {
            return Task.CompletedTask;
        }

        return error == InProgress ? Task.Run(() => WaitForConnect(socket, cancellation), cancellation) : throw new SocketException(SocketErrorOf(error));
    }

    private static void WaitForConnect(Socket socket, CancellationToken cancellation)
    {
        // Dialling is rare and bounded in number; a short poll keeps the thread cancellable.
        while (!socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectWrite))
        {
            cancellation.ThrowIfCancellationRequested();
            if (socket.Poll(TimeSpan.Zero, SelectMode.SelectError))
            {
                break;
            }
        }

        var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    private static int SocketErrorOf(int error) => error switch
    {
        111 => (int)SocketError.ConnectionRefused,
        101 => (int)SocketError.NetworkUnreachable,
        113 => (int)SocketError.HostUnreachable,
        110 => (int)SocketError.TimedOut,
        _ => (int)SocketError.SocketError,
    };
}
