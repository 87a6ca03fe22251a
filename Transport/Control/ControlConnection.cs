using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Control;

/// <summary>
/// One connection of the control lane: a socket that does not block, a TLS session, frames. Everything on the thread of its loop.
/// </summary>
/// <remarks>
/// Bounds: <see cref="FrameBytesMax"/> in, <see cref="UnsentBytesMax"/> out, beyond which a peer that does not read is left; <see cref="SmallFrameBytesMax"/> in from clients, which only ask whether their member lives, and
/// before both hellos are read, for which there is the time given. Buffers grow with what arrived, never on the word of a length.
/// </remarks>
internal sealed class ControlConnection : IPolled
{
    /// <summary>The longest frame: the log of 10,000 members with what they host.</summary>
    public const int FrameBytesMax = 16 * 1024 * 1024;

    /// <summary>Most bytes that wait for a peer which does not read.</summary>
    public const int UnsentBytesMax = 32 * 1024 * 1024;

    /// <summary>The longest frame of a client, and the longest hello.</summary>
    public const int SmallFrameBytesMax = 64 * 1024;

    private const int HeaderBytes = 5;
    private const int ChunkBytes = 16 * 1024;

    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(1);

    private readonly ControlLoop _loop;
    private readonly IControlOwner _owner;
    private readonly TlsSession _tls;
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private byte[] _in = new byte[1024];
    private int _inBytes;
    private int _chunkStart;
    private int _chunkEnd;
    private bool _isConnecting;
    private bool _isHelloSent;
    private bool _isEnded;
    private bool _isLingering;

    /// <summary>Takes a socket over; <see cref="Begin"/> starts it.</summary>
    /// <param name="loop">Its loop.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="socket">Accepted, or about to connect.</param>
    /// <param name="tls">A fresh session of the control lane.</param>
    /// <param name="dialled">The address that was dialled, as it was given; null if the other side dialled.</param>
    /// <param name="openWithin">How long it may take until both hellos are read.</param>
    public ControlConnection(ControlLoop loop, IControlOwner owner, Socket socket, TlsSession tls, string? dialled, TimeSpan openWithin)
    {
        _loop = loop;
        _owner = owner;
        _tls = tls;
        Socket = socket;
        Dialled = dialled;
        Deadline = loop.Now + openWithin;
        LastReceived = loop.Now;
        socket.Blocking = false;
        socket.NoDelay = true;
    }

    /// <inheritdoc/>
    public Socket Socket { get; }

    /// <summary>The address that was dialled, as it was given; null if the other side dialled.</summary>
    public string? Dialled { get; }

    /// <summary>Who the other end is: proven by TLS.</summary>
    public PeerId Peer => _tls.Peer;

    /// <summary>What the peer said of itself; null until <see cref="IsUp"/>.</summary>
    public Hello? PeerHello { get; private set; }

    /// <summary>Whether both hellos were read and it has not ended.</summary>
    public bool IsUp => PeerHello is not null && !_isEnded && !_isLingering;

    /// <summary>Whether it ever was up.</summary>
    public bool WasUp => PeerHello is not null;

    /// <summary>Whether the address refused: its host answers, and nobody listens.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Whether the peer said that its incarnation is over.</summary>
    public bool SaidGoodbye { get; private set; }

    /// <summary>Why it ended, for logs.</summary>
    public string EndDetail { get; private set; } = string.Empty;

    /// <summary>When anything last arrived.</summary>
    public TimeSpan LastReceived { get; private set; }

    /// <summary>Bytes of frames sent and received, before encryption.</summary>
    public long BytesSent { get; private set; }

    /// <inheritdoc cref="BytesSent"/>
    public long BytesReceived { get; private set; }

    /// <inheritdoc/>
    public TimeSpan Deadline { get; private set; }

    /// <inheritdoc/>
    public bool WantsRead => !_isConnecting;

    /// <inheritdoc/>
    public bool WantsWrite => _isConnecting || _chunkEnd > _chunkStart;

    /// <summary>Connects, or for an accepted socket awaits the handshake.</summary>
    public void Begin(IPEndPoint? address)
    {
        _loop.Add(this);
        if (address is null)
        {
            return;
        }

        try
        {
            Socket.Connect(address);
            StartClient();
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            _isConnecting = true;
        }
        catch (SocketException exception)
        {
            IsRefused = exception.SocketErrorCode == SocketError.ConnectionRefused;
            End(exception.Message);
        }
    }

    /// <summary>Sends a frame, as soon as the socket takes it; nothing after the end.</summary>
    public void Send(ControlKind kind, ReadOnlySpan<byte> payload)
    {
        if (_isEnded || _isLingering || !_tls.IsEstablished)
        {
            return;
        }

        byte[] frame = System.Buffers.ArrayPool<byte>.Shared.Rent(HeaderBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length + 1);
        frame[4] = (byte)kind;
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        TlsStatus status = _tls.Write(frame.AsSpan(0, HeaderBytes + payload.Length));
        System.Buffers.ArrayPool<byte>.Shared.Return(frame);
        BytesSent += HeaderBytes + payload.Length;
        if (status != TlsStatus.Ok)
        {
            End(_tls.FailureDetail ?? "the TLS session ended");
        }
        else if (_tls.CiphertextBytes > UnsentBytesMax)
        {
            End("the peer does not read");
        }
        else
        {
            Flush();
        }
    }

    /// <summary>Ends it in good order: says goodbye and waits a moment for the other end to read it.</summary>
    /// <param name="isOver">Whether this end's incarnation is over; else only the connection.</param>
    /// <param name="why">A sentence for the other end's log.</param>
    public void Close(bool isOver, string why)
    {
        if (_isEnded || _isLingering)
        {
            return;
        }

        if (IsUp)
        {
            ScratchBuffer scratch = ScratchBuffer.Rent();
            var writer = new MessagePackWriter(scratch);
            writer.WriteArrayHeader(2);
            writer.Write(isOver);
            writer.WriteString(why);
            Send(ControlKind.Goodbye, scratch.WrittenSpan);
            ScratchBuffer.Return(scratch);
        }

        if (_isEnded)
        {
            return;
        }

        EndDetail = why;
        _tls.Shutdown();
        _isLingering = true;
        Deadline = _loop.Now + s_linger;
        Flush();
        EndSendingIfDone();
        _loop.Post(() => _owner.OnEnded(this));
    }

    /// <summary>Ends it at once, without a word.</summary>
    public void Abort(string why) => End(why);

    /// <inheritdoc/>
    public void OnReadable()
    {
        Span<byte> buffer = stackalloc byte[ChunkBytes];
        int bytes = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return;
        }

        if (error != SocketError.Success || bytes == 0)
        {
            End(error == SocketError.Success ? "the other end closed it" : $"the network ended it ({error})");
            return;
        }

        LastReceived = _loop.Now;
        if (_isLingering)
        {
            return; // Read so that the other end's close is seen, and dropped.
        }

        _tls.Feed(buffer[..bytes]);
        if (!_tls.IsEstablished && !Handshake())
        {
            return;
        }

        Open();
        Flush();
    }

    /// <inheritdoc/>
    public void OnWritable()
    {
        if (!_isConnecting)
        {
            Flush();
            EndSendingIfDone();
            return;
        }

        var error = (SocketError)(int)Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        if (error != SocketError.Success)
        {
            IsRefused = error == SocketError.ConnectionRefused;
            End($"cannot connect ({error})");
            return;
        }

        _isConnecting = false;
        StartClient();
    }

    /// <inheritdoc/>
    public void OnDeadline() => End(_isLingering ? EndDetail : "no answer in time");

    private void StartClient()
    {
        _tls.Handshake();
        Flush();
    }

    private bool Handshake()
    {
        TlsStatus status = _tls.Handshake();
        Flush();
        if (status == TlsStatus.WantRead)
        {
            return false;
        }

        if (status != TlsStatus.Ok)
        {
            End(_tls.FailureDetail ?? "the handshake failed");
            return false;
        }

        if (!_isHelloSent)
        {
            _isHelloSent = true;
            ScratchBuffer scratch = ScratchBuffer.Rent();
            var writer = new MessagePackWriter(scratch);
            _owner.MakeHello().Encode(ref writer);
            Send(ControlKind.Hello, scratch.WrittenSpan);
            ScratchBuffer.Return(scratch);
        }

        return !_isEnded;
    }

    private void Open()
    {
        while (!_isEnded && !_isLingering)
        {
            if (_in.Length - _inBytes < TlsSession.RecordBytesMax)
            {
                Array.Resize(ref _in, Math.Max(_in.Length * 2, _inBytes + TlsSession.RecordBytesMax));
            }

            TlsStatus status = _tls.Read(_in.AsSpan(_inBytes), out int bytes);
            if (status != TlsStatus.Ok)
            {
                if (status == TlsStatus.Failed)
                {
                    End(_tls.FailureDetail ?? "the TLS session failed");
                }

                break; // An orderly end of the session is followed by that of the stream.
            }

            _inBytes += bytes;
            BytesReceived += bytes;
            TakeFrames();
        }

        if (_inBytes == 0 && _in.Length > 4 * ChunkBytes)
        {
            _in = new byte[1024];
        }
    }

    private void TakeFrames()
    {
        int start = 0;
        while (_inBytes - start >= HeaderBytes && !_isEnded && !_isLingering)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(_in.AsSpan(start));
            if (length == 0 || length > (PeerHello is { IsClient: false } ? FrameBytesMax : SmallFrameBytesMax))
            {
                End($"a control frame of {length} bytes");
                return;
            }

            if (_inBytes - start - 4 < length)
            {
                break;
            }

            OnFrame((ControlKind)_in[start + 4], _in.AsSpan(start + HeaderBytes, (int)length - 1));
            start += 4 + (int)length;
        }

        _inBytes -= start;
        Buffer.BlockCopy(_in, start, _in, 0, _inBytes);
    }

    private void OnFrame(ControlKind kind, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (!WasUp)
            {
                OnHello(kind, payload);
            }
            else if (kind == ControlKind.Goodbye)
            {
                var reader = new MessagePackReader(payload);
                bool isWhole = reader.ReadArrayHeader() >= 2;
                SaidGoodbye = isWhole && reader.ReadBoolean();
                End($"the peer ended it: {(isWhole ? reader.ReadString() : null) ?? "no reason"}");
            }
            else if (kind != ControlKind.Hello)
            {
                _owner.OnFrame(this, kind, payload);
            }
            else
            {
                End("a second hello");
            }
        }
        catch (MessagePackException exception)
        {
            End($"a malformed control frame: {exception.Message}");
        }
    }

    private void OnHello(ControlKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind != ControlKind.Hello)
        {
            End("the first control frame is no hello");
            return;
        }

        var hello = Hello.Decode(payload);
        Hello own = _owner.MakeHello();
        if (hello.Check(own, out string detail) != CloseReason.None)
        {
            End(detail);
            return;
        }

        PeerHello = hello;
        Deadline = TimeSpan.MaxValue;
        _owner.OnUp(this);
    }

    private void Flush()
    {
        while (!_isEnded && !_isConnecting)
        {
            if (_chunkStart == _chunkEnd)
            {
                _chunkStart = 0;
                _chunkEnd = _tls.Take(_chunk);
                if (_chunkEnd == 0)
                {
                    return;
                }
            }

            int sent = Socket.Send(_chunk.AsSpan(_chunkStart, _chunkEnd - _chunkStart), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success)
            {
                End($"the network ended it ({error})");
                return;
            }

            _chunkStart += sent;
        }
    }

    private void EndSendingIfDone()
    {
        if (_isLingering && !_isEnded && _chunkStart == _chunkEnd)
        {
            try
            {
                Socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The other end was faster.
            }
        }
    }

    /// <summary>Ends it at once. The owner is told in a later round, unless a goodbye told it already.</summary>
    private void End(string why)
    {
        if (_isEnded)
        {
            return;
        }

        _isEnded = true;
        Deadline = TimeSpan.MaxValue;
        _loop.Remove(this);
        Flush();
        Socket.Dispose();
        _tls.Dispose();
        if (!_isLingering)
        {
            EndDetail = why;
            _loop.Post(() => _owner.OnEnded(this));
        }
    }
}
