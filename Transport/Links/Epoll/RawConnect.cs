using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Kameo.Actors.Transport.Links.Epoll.LinuxCalls;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>Connects a socket that one of the node's own loops reads afterwards.</summary>
internal static class RawConnect
{
    private static readonly TimeSpan s_firstLook = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(5);

    /// <summary>Connects without .NET's own engine, which would go on watching the socket: a non-blocking connect, then looks at it.</summary>
    public static Task ConnectAsync(Socket socket, IPEndPoint address, CancellationToken cancellation)
    {
        socket.Blocking = false;
        SocketAddress raw = address.Serialize();
        int descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        int error = Begin(descriptor, raw) == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error == 0)
        {
            return Task.CompletedTask;
        }

        return error == InProgress ? WaitForConnectAsync(socket, cancellation) : throw new SocketException(SocketErrorOf(error));
    }

    private static async Task WaitForConnectAsync(Socket socket, CancellationToken cancellation)
    {
        // What is near answers within the first look, which waits; what does not answer at all holds no thread.
        using var timer = new PeriodicTimer(s_lookEvery);
        for (TimeSpan wait = s_firstLook; !socket.Poll(wait, SelectMode.SelectWrite) && !socket.Poll(TimeSpan.Zero, SelectMode.SelectError); wait = TimeSpan.Zero)
        {
            await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false);
        }

        var error = (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    private static unsafe int Begin(int descriptor, SocketAddress address)
    {
        fixed (byte* bytes = address.Buffer.Span)
        {
            return Connect(descriptor, bytes, address.Size);
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
