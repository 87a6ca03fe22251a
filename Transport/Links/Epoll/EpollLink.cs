using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Kameo.Actors.Transport.Links.Epoll.LinuxCalls;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>A TCP connection read by an <see cref="EpollLoop"/> and written by whoever drains.</summary>
internal sealed unsafe class EpollLink : ILink
{
    private readonly Socket _socket;
    private readonly EpollLoop _loop;
    private readonly Lock _sendLock = new();
    private ReadOnlyMemory<byte> _unsent;
    private ILinkReceiver? _receiver;
    private volatile bool _ended;

    /// <summary>Takes over a connected, non-blocking socket that .NET's own engine has not seen.</summary>
    public EpollLink(Socket socket, EpollLoop loop)
    {
        _socket = socket;
        _loop = loop;
        TcpTuning.Apply(socket);
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        RemoteEndPoint = socket.RemoteEndPoint;
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>The socket's descriptor; valid until <see cref="OnRemoved"/>, which the loop calls last.</summary>
    internal int Descriptor { get; }

    /// <summary>The loop's own number for it.</summary>
    internal ulong Id { get; set; }

    /// <summary>Whether the link is over.</summary>
    internal bool IsEnded => _ended;

    internal ILinkReceiver Receiver => _receiver!;

    /// <inheritdoc/>
    public void Start(ILinkReceiver receiver)
    {
        _receiver = receiver;
        _loop.Add(this);
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlyMemory<byte> bytes)
    {
        // The lock pairs this with the loop's report of room, and with the end: the descriptor is not closed inside. Met once per write, not per message.
        lock (_sendLock)
        {
            return SendLocked(bytes);
        }
    }

    /// <inheritdoc/>
    public void EndSending()
    {
        lock (_sendLock)
        {
            if (_ended)
            {
                return;
            }

            try
            {
                _socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // Gone already: the loop says so.
            }
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (!_ended)
        {
            _loop.End(this);
        }
    }

    /// <summary>The loop: there is room again.</summary>
    internal void OnWritable()
    {
        lock (_sendLock)
        {
            if (_unsent.IsEmpty || _ended || !SendLocked(_unsent))
            {
                return;
            }
        }

        _receiver!.OnSent();
    }

    /// <summary>The loop: this was the last it does with the link.</summary>
    internal void OnRemoved(Exception? error)
    {
        lock (_sendLock)
        {
            _ended = true;
            _unsent = default;
            _socket.Dispose(); // Leaves the epoll set with its last descriptor.
        }

        _receiver!.OnClosed(error);
    }

    private bool SendLocked(ReadOnlyMemory<byte> bytes)
    {
        _unsent = default;
        while (!bytes.IsEmpty && !_ended)
        {
            nint sent;
            fixed (byte* start = bytes.Span)
            {
                sent = LinuxCalls.Send(Descriptor, start, bytes.Length, MsgNoSignal);
            }

            if (sent >= 0)
            {
                bytes = bytes[(int)sent..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == WouldBlock)
            {
                // The kernel's next edge comes after this call found no room, so it finds the rest stored: both hold the lock.
                _unsent = bytes;
                return false;
            }

            if (error != Interrupted)
            {
                return true; // The loop finds the same end and reports it.
            }
        }

        return true;
    }
}
