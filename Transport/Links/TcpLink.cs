using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Pools;

namespace Kameo.Actors.Transport.Links;

/// <summary>A TCP connection on <see cref="Socket"/>: the portable link. Reads on pool threads, writes on the thread that drains.</summary>
internal sealed class TcpLink : ILink
{
    /// <summary>Bytes asked of one receive: four full TLS records, so that one system call brings in a batch.</summary>
    public const int ReceiveBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _sendArgs = new(true);
    private readonly SocketAsyncEventArgs _receiveArgs = new(true);
    private ILinkReceiver? _receiver;
    private int _closed;

    /// <summary>Takes the socket over, connected.</summary>
    public TcpLink(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;
        TcpTuning.Apply(socket);
        RemoteEndPoint = socket.RemoteEndPoint;
        _receiveArgs.Completed += static (_, args) => ((TcpLink)args.UserToken!).Receive(isCompleted: true);
        _receiveArgs.UserToken = this;
        _receiveArgs.SetBuffer([], 0, 0); // Nothing to read into while there is nothing to read.
        _sendArgs.Completed += static (_, args) => ((TcpLink)args.UserToken!).OnSendCompleted();
        _sendArgs.UserToken = this;
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    public void Start(ILinkReceiver receiver)
    {
        _receiver = receiver;
        ThreadPool.UnsafeQueueUserWorkItem(static link => link.Receive(isCompleted: false), this, preferLocal: false);
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            // The common case: the kernel has room and takes everything at once, on this thread.
            int sent = _socket.Send(bytes.Span, SocketFlags.None, out SocketError error);
            if (error is not SocketError.Success and not SocketError.WouldBlock)
            {
                return true; // The receive loop finds the same end and reports it.
            }

            sent = error == SocketError.Success ? sent : 0;
            if (sent == bytes.Length)
            {
                return true;
            }

            _sendArgs.SetBuffer(System.Runtime.InteropServices.MemoryMarshal.AsMemory(bytes[sent..]));
            return ContinueSend();
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Already gone: the receive loop says so.
        }
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _socket.Dispose();
        }
    }

    private bool ContinueSend()
    {
        while (!_socket.SendAsync(_sendArgs))
        {
            if (!AdvanceSend())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>After a send finished: whether there is a rest to send.</summary>
    private bool AdvanceSend()
    {
        if (_sendArgs.SocketError != SocketError.Success)
        {
            return false;
        }

        Memory<byte> rest = _sendArgs.MemoryBuffer.Slice(_sendArgs.Offset + _sendArgs.BytesTransferred, _sendArgs.Count - _sendArgs.BytesTransferred);
        if (rest.IsEmpty)
        {
            return false;
        }

        _sendArgs.SetBuffer(rest);
        return true;
    }

    private void OnSendCompleted()
    {
        try
        {
            if (!AdvanceSend() || ContinueSend())
            {
                _receiver!.OnSent();
            }
        }
        catch (ObjectDisposedException)
        {
            _receiver!.OnSent();
        }
    }

    /// <summary>Reads until there is nothing more, then leaves the thread. On the thread pool; never on two threads at a time, since only a completed receive starts the next one.</summary>
    private void Receive(bool isCompleted)
    {
        if (TryReceive(isCompleted, out Exception? end))
        {
            // What comes next finds another thread, if need be: this one may do what the batch made ready, even if that blocks. The link is no longer this thread's.
            ReadyWork.RunHere();
            return;
        }

        ReadyWork.Release();
        Close();
        _receiver!.OnClosed(end);
    }

    /// <summary>Reads until there is nothing more.</summary>
    /// <returns>True when the next receive is under way: nothing of the link may be touched then. False at its end.</returns>
    private bool TryReceive(bool isCompleted, out Exception? end)
    {
        try
        {
            while (true)
            {
                if (isCompleted)
                {
                    ReadyWork.Gather();
                    if (!TryDeliver(out bool isThereMore, out end))
                    {
                        return false;
                    }

                    if (isThereMore)
                    {
                        ReadyWork.Release();
                        continue;
                    }
                }

                if (_socket.ReceiveAsync(_receiveArgs))
                {
                    end = null;
                    return true;
                }

                ReadyWork.Release();
                isCompleted = true;
            }
        }
        catch (ObjectDisposedException)
        {
            end = null; // Closed on this side.
        }
        catch (Exception exception)
        {
            end = exception;
        }

        return false;
    }

    /// <summary>Hands on what is there to read. The buffer is needed only meanwhile, so connections that wait have none.</summary>
    /// <param name="isThereMore">Whether it filled the buffer.</param>
    /// <param name="end">Why the link has ended, if not in good order.</param>
    /// <returns>False at the end of the link.</returns>
    private bool TryDeliver(out bool isThereMore, out Exception? end)
    {
        SocketError error = _receiveArgs.SocketError;
        int received = 0;
        if (error == SocketError.Success)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
            received = _socket.Receive(buffer.AsSpan(0, ReceiveBytes), SocketFlags.None, out error);
            if (received > 0)
            {
                _receiver!.OnReceived(buffer.AsSpan(0, received));
            }

            ArrayPool<byte>.Shared.Return(buffer); // Or, where something threw, left to the collector.
        }

        isThereMore = received == ReceiveBytes;
        bool isOpen = error == SocketError.WouldBlock || (error == SocketError.Success && received > 0);
        end = isOpen || error == SocketError.Success || Volatile.Read(ref _closed) == 1 ? null : new SocketException((int)error);
        return isOpen;
    }
}
