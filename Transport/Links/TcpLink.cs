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

    /// <summary>Bytes that an idle connection waits with.</summary>
    private const int SmallReceiveBytes = 4 * 1024;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _sendArgs = new(true);
    private readonly SocketAsyncEventArgs _receiveArgs = new(true);
    private readonly Memory<byte> _small = GC.AllocateUninitializedArray<byte>(SmallReceiveBytes, pinned: true);
    private byte[]? _large;
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
        _receiveArgs.SetBuffer(_small);
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
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
        }

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
                    if (!TryDeliver(out end))
                    {
                        return false;
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

    /// <summary>Hands on what a receive brought.</summary>
    /// <returns>False at the end of the link.</returns>
    private bool TryDeliver(out Exception? end)
    {
        end = null;
        int received = _receiveArgs.BytesTransferred;
        if (_receiveArgs.SocketError != SocketError.Success)
        {
            end = Volatile.Read(ref _closed) == 1 ? null : new SocketException((int)_receiveArgs.SocketError);
            return false;
        }

        if (received == 0)
        {
            return false;
        }

        _receiver!.OnReceived(_receiveArgs.MemoryBuffer.Span[..received]);

        // A busy connection reads much at a time; one that is not holds only its small buffer while it waits.
        if (_large is null && received == _small.Length)
        {
            _large = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
            _receiveArgs.SetBuffer(_large, 0, ReceiveBytes);
        }
        else if (_large is { } large && received < _small.Length)
        {
            _large = null;
            _receiveArgs.SetBuffer(_small);
            ArrayPool<byte>.Shared.Return(large);
        }

        return true;
    }
}
