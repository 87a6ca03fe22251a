using System.Net.Sockets;
using System.Security.Authentication;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Our transport's TLS session over a blocking socket, and nothing else of the transport.</summary>
internal sealed class TlsSessionSecurity : IStreamSecurity
{
    private readonly SecretKey _key = SecretKey.Generate();
    private readonly TlsEndpoint _endpoint;

    public TlsSessionSecurity() => _endpoint = new TlsEndpoint(_key, TrustPolicy.Anyone(), TimeProvider.System, keyLog: null);

    public bool IsBlocking => true;

    public ValueTask<Stream> AcceptAsync(Socket socket) => new(Handshake(socket, _endpoint.CreateServer()));

    public ValueTask<Stream> DialAsync(Socket socket) => new(Handshake(socket, _endpoint.CreateClient(expected: null)));

    public void Dispose()
    {
        _endpoint.Dispose();
        _key.Dispose();
    }

    private static TlsSessionStream Handshake(Socket socket, TlsSession session)
    {
        var stream = new TlsSessionStream(socket, session);
        try
        {
            stream.Handshake();
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}

/// <summary>A <see cref="TlsSession"/> and its socket as a blocking stream. One thread.</summary>
internal sealed class TlsSessionStream(Socket socket, TlsSession session) : Stream
{
    /// <summary>Four full records and what TLS adds to them: one system call for a batch.</summary>
    private const int CiphertextBytes = 4 * (TlsSession.RecordBytesMax + 256);

    private readonly byte[] _incoming = new byte[CiphertextBytes];
    private readonly byte[] _outgoing = new byte[CiphertextBytes];
    private int _readBytes;
    private int _receivedBytes;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Runs the handshake to its end.</summary>
    public void Handshake()
    {
        while (true)
        {
            TlsStatus status = session.Handshake();
            Send();
            if (status == TlsStatus.Ok)
            {
                return;
            }

            if (status != TlsStatus.WantRead || !ReceiveAndFeed())
            {
                throw new AuthenticationException($"The handshake failed: {session.FailureDetail ?? "the other end closed the connection"}.");
            }
        }
    }

    /// <summary>
    /// Reads one record, as SslStream and SSL_read do; more that came with it wait. Gathering them would save system calls and cost more than that: the other end
    /// would have nothing to do meanwhile.
    /// </summary>
    public override int Read(Span<byte> buffer)
    {
        TlsStatus status;
        int bytes;
        do
        {
            ReadOnlySpan<byte> rest = _incoming.AsSpan(_readBytes, _receivedBytes - _readBytes);
            status = session.Read(ref rest, buffer, out bytes);
            _readBytes = _receivedBytes - rest.Length;
        }
        while (status == TlsStatus.WantRead && Receive());

        return status is TlsStatus.Failed ? throw new IOException($"The session failed: {session.FailureDetail}.") : bytes;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        do
        {
            ReadOnlySpan<byte> piece = buffer[..Math.Min(buffer.Length, 4 * TlsSession.RecordBytesMax)];
            buffer = buffer[piece.Length..];
            if (session.Write(piece, _outgoing, out int bytes) != TlsStatus.Ok)
            {
                throw new IOException($"Nothing can be sealed: {session.FailureDetail}.");
            }

            Send(bytes);
            Send();
        }
        while (!buffer.IsEmpty);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        session.Dispose();
        socket.Dispose();
        base.Dispose(disposing);
    }

    private void Send()
    {
        int bytes;
        while ((bytes = session.Take(_outgoing)) > 0)
        {
            Send(bytes);
        }
    }

    private void Send(int bytes)
    {
        for (int sent = 0; sent < bytes;)
        {
            sent += socket.Send(_outgoing.AsSpan(sent, bytes - sent));
        }
    }

    private bool ReceiveAndFeed()
    {
        bool isThere = Receive();
        session.Feed(_incoming.AsSpan(0, _receivedBytes));
        _receivedBytes = 0;
        return isThere;
    }

    private bool Receive()
    {
        _readBytes = 0;
        _receivedBytes = socket.Receive(_incoming);
        return _receivedBytes > 0;
    }
}
