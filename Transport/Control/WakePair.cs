using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Control;

/// <summary>Two connected sockets of this process: a byte into one wakes a thread that waits for the other among many.</summary>
internal sealed unsafe partial class WakePair : IDisposable
{
    private const int UnixFamily = 1;
    private const int StreamType = 1;

    private readonly Socket _near;

    private WakePair(Socket near, Socket far)
    {
        near.Blocking = false;
        far.Blocking = false;
        _near = near;
        Waited = far;
    }

    /// <summary>What to wait for.</summary>
    public Socket Waited { get; }

    /// <summary>Makes a pair. On Unix without any network interface: a fresh network namespace has not even the loopback one up.</summary>
    public static WakePair Open()
    {
        if (OperatingSystem.IsWindows())
        {
            using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen(1);
            var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            near.Connect(listener.LocalEndPoint!);
            return new WakePair(near, listener.Accept());
        }

        int* descriptors = stackalloc int[2];
        if (SocketPair(UnixFamily, StreamType, 0, descriptors) != 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        return new WakePair(new Socket(new SafeSocketHandle(descriptors[0], ownsHandle: true)), new Socket(new SafeSocketHandle(descriptors[1], ownsHandle: true)));
    }

    /// <summary>Wakes the thread that waits; any thread.</summary>
    public void Wake()
    {
        try
        {
            _near.Send([1], SocketFlags.None, out _); // A full buffer is as good: something is there to be read.
        }
        catch (ObjectDisposedException)
        {
            // The thread is over.
        }
    }

    /// <summary>Takes what woke it.</summary>
    public void Drain()
    {
        Span<byte> bytes = stackalloc byte[64];
        while (Waited.Receive(bytes, SocketFlags.None, out SocketError error) == bytes.Length && error == SocketError.Success)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _near.Dispose();
        Waited.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int family, int type, int protocol, int* descriptors);
}
