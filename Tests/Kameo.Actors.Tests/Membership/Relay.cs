using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Tests.Membership;

/// <summary>Passes connections on to a node, until it is cut: then all of them end, and no new one comes through. To the others the node is dead.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private bool _isCut;

    public Relay()
    {
        _listener.Start();
        Address = _listener.LocalEndpoint.ToString()!;
        _ = AcceptAsync();
    }

    /// <summary>Where it is dialled.</summary>
    public string Address { get; }

    /// <summary>The node.</summary>
    public IPEndPoint? Target { get; set; }

    /// <summary>Cuts ways: no connection is made on any of them from when the first one that stands ends.</summary>
    public static void Cut(params Relay[] ways)
    {
        foreach (Relay way in ways)
        {
            lock (way._sockets)
            {
                way._isCut = true;
                way._listener.Stop();
            }
        }

        foreach (Relay way in ways)
        {
            lock (way._sockets)
            {
                way._sockets.ForEach(static socket => socket.Dispose());
            }
        }
    }

    public void Dispose() => Cut(this);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(Keep(await _listener.AcceptSocketAsync()));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It is cut.
        }
    }

    private async Task PassAsync(Socket from)
    {
        try
        {
            Socket to = Keep(new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            await to.ConnectAsync(Target!);
            await Task.WhenAny(CopyAsync(from, to), CopyAsync(to, from));
            from.Dispose();
            to.Dispose();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            from.Dispose();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One end is gone, and so is the other.
        }
    }

    private Socket Keep(Socket socket)
    {
        lock (_sockets)
        {
            if (_isCut)
            {
                socket.Dispose();
            }

            _sockets.Add(socket);
            return socket;
        }
    }
}
