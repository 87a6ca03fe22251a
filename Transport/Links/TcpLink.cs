using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Kameo.Actors.Transport.Links;

/// <summary>A TCP connection on <see cref="Socket"/>: the portable link. Reads in one asynchronous loop on pool threads, writes on the thread that drains.</summary>
internal sealed class TcpLink : ILink
{
    /// <summary>Bytes asked of one receive: four full TLS records, so that one system call brings in a batch.</summary>
    public const int ReceiveBytes = 64 * 1024;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _sendArgs = new();
    private ILinkReceiver? _receiver;
    private int _closed;

    /// <summary>Takes the socket over, connected.</summary>
    public TcpLink(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false;
        _socket.NoDelay = true;
        RemoteEndPoint = socket.RemoteEndPoint;
        _sendArgs.Completed += static (_, args) => ((TcpLink)args.UserToken!).OnSendCompleted();
        _sendArgs.UserToken = this;
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    public void Start(ILinkReceiver receiver)
    {
        _receiver = receiver;
        _ = Task.Run(RunReceiveAsync);
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

    private async Task RunReceiveAsync()
    {
        Exception? end = null;
        byte[]? buffer = null;
        try
        {
            while (true)
            {
                if (buffer is null)
                {
                    // An idle connection holds no buffer: wait for the first byte without one.
                    await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                    buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
                }

                int received = await _socket.ReceiveAsync(buffer.AsMemory(0, ReceiveBytes), SocketFlags.None).ConfigureAwait(false);
                if (received == 0)
                {
                    break;
                }

                _receiver!.OnReceived(buffer.AsSpan(0, received));
                if (received < ReceiveBytes / 16)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                }
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.OperationAborted)
        {
            end = Volatile.Read(ref _closed) == 1 ? null : exception;
        }
        catch (ObjectDisposedException)
        {
            // Closed on this side.
        }
        catch (Exception exception)
        {
            end = exception;
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            Close();
            _receiver!.OnClosed(end);
        }
    }
}
