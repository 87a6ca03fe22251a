using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>A TCP connection that a <see cref="UringLoop"/> receives for, and that is written by whoever drains.</summary>
/// <remarks>
/// A send is send(2) on the caller's thread. Through the ring it would have to wake the loop first, one hop for each write, which costs more than the system call that is saved.
/// What the socket has no room for waits here, and a poll in the ring tells of room: memory to be sent is never in the ring's hands.
/// </remarks>
internal sealed unsafe class UringLink : ILink
{
    private readonly Socket _socket;
    private readonly UringLoop _loop;
    private readonly Lock _sendLock = new();
    private ReadOnlyMemory<byte> _unsent;
    private ILinkReceiver? _receiver;
    private bool _ended;
    private int _closeAsked;

    /// <summary>Takes over a connected, non-blocking socket that .NET's own engine has not seen.</summary>
    public UringLink(Socket socket, UringLoop loop)
    {
        _socket = socket;
        _loop = loop;
        _socket.NoDelay = true;
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        RemoteEndPoint = socket.RemoteEndPoint;
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>The socket's descriptor; valid until <see cref="OnRemoved"/>, which comes when no operation on it is under way.</summary>
    internal int Descriptor { get; }

    /// <summary>The loop's: where it stands.</summary>
    internal UringLinkState State { get; set; }

    /// <summary>The loop's: its place in the loop's table while it is open or ending.</summary>
    internal int Slot { get; set; }

    /// <summary>The loop's: whether a receive is under way.</summary>
    internal bool IsReceiving { get; set; }

    /// <summary>The loop's: whether anything came since the receive was armed.</summary>
    internal bool HasReceived { get; set; }

    /// <summary>The loop's: whether a poll for room is under way.</summary>
    internal bool IsWatched { get; set; }

    /// <summary>The loop's: why it ends.</summary>
    internal Exception? Error { get; set; }

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
            if (SendLocked(bytes))
            {
                return true;
            }
        }

        // The poll looks at the socket when it is armed: room that came meanwhile is found.
        _loop.WatchRoom(this);
        return false;
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
        if (Interlocked.Exchange(ref _closeAsked, 1) == 0)
        {
            _loop.End(this);
        }
    }

    /// <summary>The loop: there may be room again.</summary>
    /// <returns>False: there is a rest, and not enough room.</returns>
    internal bool OnWritable()
    {
        lock (_sendLock)
        {
            if (_unsent.IsEmpty || _ended)
            {
                return true;
            }

            if (!SendLocked(_unsent))
            {
                return false;
            }
        }

        _receiver!.OnSent();
        return true;
    }

    /// <summary>The loop is done with the link, or never had it. Calls after the first do nothing.</summary>
    internal void OnRemoved(Exception? error)
    {
        lock (_sendLock)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            _unsent = default;
            _socket.Dispose();
        }

        _receiver?.OnClosed(error);
    }

    private bool SendLocked(ReadOnlyMemory<byte> bytes)
    {
        _unsent = default;
        while (!bytes.IsEmpty && !_ended)
        {
            nint sent;

            // In bounds: the kernel reads bytes.Length from the start of the pinned memory, during the call only.
            fixed (byte* start = bytes.Span)
            {
                sent = LinuxCalls.Send(Descriptor, start, bytes.Length, LinuxCalls.MsgNoSignal);
            }

            if (sent >= 0)
            {
                bytes = bytes[(int)sent..];
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == LinuxCalls.WouldBlock)
            {
                _unsent = bytes;
                return false;
            }

            if (error != LinuxCalls.Interrupted)
            {
                return true; // The loop finds the same end and reports it.
            }
        }

        return true;
    }
}
