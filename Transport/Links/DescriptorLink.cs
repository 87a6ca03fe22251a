using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Links;

/// <summary>A TCP connection by its descriptor: received for by a loop of this node's own, written by whoever drains. Linux only.</summary>
/// <remarks>
/// <para>
/// A send is send(2) on the caller's thread, also where the loop is an io_uring: through the ring it would have to wake the loop first, one hop for each write, which costs more than the system call that is
/// saved. What the socket has no room for waits here, and the loop tells of room: memory that is to be sent is never in the kernel's hands.
/// </para>
/// <para>
/// <b>The send lock</b> is met once for each write, never for a message. It pairs three: a send that finds no room stores the rest under it; the loop's report of room looks for a rest under it;
/// the end closes the descriptor under it. So a report either comes after the rest was stored, and sends it, or before the send met the full socket, and then the kernel reports
/// again; and no call uses a descriptor whose number may mean another socket already.
/// </para>
/// <para>
/// <b>The end.</b> <see cref="OnRemoved"/> is the last that the loop does with the link, and comes once, whoever asked for it: a rest is dropped there without a report, since the receiver's
/// <see cref="ILinkReceiver.OnClosed"/> is the report of a send under way. A send that fails otherwise counts as sent: the loop finds the same end by receiving.
/// </para>
/// </remarks>
internal abstract unsafe class DescriptorLink : ILink
{
    private readonly Socket _socket;
    private readonly Lock _sendLock = new();
    private ReadOnlyMemory<byte> _unsent;
    private ILinkReceiver? _receiver;
    private volatile bool _ended;
    private int _closeAsked;

    /// <summary>Takes over a connected, non-blocking socket that .NET's own engine has not seen.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="dialled">Where it was connected to by this node, which the socket itself does not know; null if the other end did.</param>
    private protected DescriptorLink(Socket socket, EndPoint? dialled)
    {
        _socket = socket;
        TcpTuning.Apply(socket);
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        RemoteEndPoint = dialled ?? socket.RemoteEndPoint;
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>The socket's descriptor; valid until <see cref="OnRemoved"/>, which comes when nothing on it is under way.</summary>
    internal int Descriptor { get; }

    /// <summary>Whether the link is over.</summary>
    internal bool IsEnded => _ended;

    internal ILinkReceiver Receiver => _receiver!;

    /// <inheritdoc/>
    public void Start(ILinkReceiver receiver)
    {
        _receiver = receiver;
        BeginReceiving();
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlyMemory<byte> bytes)
    {
        lock (_sendLock)
        {
            if (SendLocked(bytes))
            {
                return true;
            }
        }

        WatchRoom();
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
        if (!_ended && Interlocked.Exchange(ref _closeAsked, 1) == 0)
        {
            if (_receiver is null)
            {
                OnRemoved(null); // No loop has it: it was refused.
            }
            else
            {
                AskForEnd();
            }
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

    /// <summary>Gives the link to its loop, which reports from now on.</summary>
    private protected abstract void BeginReceiving();

    /// <summary>A rest waits: the loop shall tell of room. Called without the lock; room that came since the send is told, too.</summary>
    private protected abstract void WatchRoom();

    /// <summary>Asks the loop, once, to end the link from its own thread.</summary>
    private protected abstract void AskForEnd();

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
                return true;
            }
        }

        return true;
    }
}
