using System.Runtime.InteropServices;
using System.Text;

namespace Kameo.Actors.Transport.Tls;

/// <summary>
/// One TLS 1.3 session without I/O: ciphertext in through <see cref="Feed"/>, out through <see cref="Take"/>; plaintext through <see cref="Read(Span{byte}, out int)"/> and
/// <see cref="Write(ReadOnlySpan{byte})"/>. Once established both can be done in one step, which spares the copies between: by the overloads that are lent the ciphertext.
/// </summary>
/// <remarks>
/// Thread safe by one lock, held for one record at most (about 4 us), never across a system call or user code: an SSL object breaks if it is read and written at once.
/// Nothing is allocated per call. Bound: what was fed and not read yet, and what was sealed and not taken, both limited by their callers. Memory BIOs keep that.
/// </remarks>
internal sealed unsafe class TlsSession : IDisposable
{
    /// <summary>Most bytes of one record's plaintext (RFC 8446, 5.1).</summary>
    public const int RecordBytesMax = 16 * 1024;

    /// <summary>Buffers up to this are not worth to be made anew.</summary>
    private const int BufferBytesKept = 4 * 1024;

    private readonly Lock _lock = new();
    private readonly CiphertextBio _bio;
    private bool _hasGrown;
    private GCHandle _self;
    private nint _ssl;
    private long _records;
    private int _ciphertextBytes;
    private bool _verified;
    private volatile bool _established;

    internal TlsSession(TlsEndpoint endpoint, nint ssl, bool isClient, PeerId? expected, Lane lane)
    {
        Endpoint = endpoint;
        Expected = expected;
        Lane = lane;
        _ssl = ssl;
        _bio = new CiphertextBio(ssl);
        _self = GCHandle.Alloc(this);
        OpenSsl.SessionSetData(ssl, 0, GCHandle.ToIntPtr(_self));
        if (isClient)
        {
            OpenSsl.SessionSetConnect(ssl);
            ReadOnlySpan<byte> name = LaneNames.WireName(lane);
            fixed (byte* alpn = name)
            {
                // The one call here that returns 0 for success.
                OpenSslError.ThrowUnlessPositive(OpenSsl.SessionSetAlpn(ssl, alpn, (uint)name.Length) == 0 ? 1 : 0, "ALPN could not be set");
            }

            if (expected is { } id)
            {
                NameServer(id);
            }
        }
        else
        {
            OpenSsl.SessionSetAccept(ssl);
        }
    }

    /// <summary>The node's side.</summary>
    public TlsEndpoint Endpoint { get; }

    /// <summary>Who must answer; null: whoever the policy admits.</summary>
    public PeerId? Expected { get; }

    /// <summary>What it is for: the only name that it offers, or takes, in ALPN.</summary>
    public Lane Lane { get; }

    /// <summary>Who the peer is: proven once <see cref="IsEstablished"/>, default before.</summary>
    public PeerId Peer { get; private set; }

    /// <summary>Whether the handshake is done here. A server may still refuse a client that is: the client learns it at its next read.</summary>
    public bool IsEstablished => _established;

    /// <summary>Why the session failed.</summary>
    public CloseReason FailureReason { get; private set; }

    /// <summary>The sentence to it.</summary>
    public string? FailureDetail { get; private set; }

    /// <summary>How often this side has changed its key.</summary>
    public int KeyUpdates { get; private set; }

    /// <summary>Bytes of ciphertext that wait to be taken. A glance: any thread.</summary>
    public int CiphertextBytes => Volatile.Read(ref _ciphertextBytes);

    /// <summary>Puts in what the network brought. Ignored after the end.</summary>
    public void Feed(ReadOnlySpan<byte> ciphertext)
    {
        lock (_lock)
        {
            if (_ssl != 0 && !ciphertext.IsEmpty)
            {
                _hasGrown |= ciphertext.Length > BufferBytesKept;
                fixed (byte* start = ciphertext)
                {
                    if (!_bio.TryFeed(start, ciphertext.Length))
                    {
                        throw new InsufficientMemoryException("OpenSSL could not take more ciphertext.");
                    }
                }
            }
        }
    }

    /// <summary>Goes on with the handshake; the first call of a client makes its first message.</summary>
    public TlsStatus Handshake()
    {
        lock (_lock)
        {
            if (_ssl == 0 || FailureReason != CloseReason.None)
            {
                return TlsStatus.Failed;
            }

            OpenSsl.ErrClear();
            int result = OpenSsl.SessionHandshake(_ssl);
            TlsStatus status = result == 1 ? Establish() : Judge(result);
            NoteCiphertext();
            return status;
        }
    }

    /// <summary>Opens at most one record of what was fed into <paramref name="plaintext"/>.</summary>
    public TlsStatus Read(Span<byte> plaintext, out int bytes)
    {
        ReadOnlySpan<byte> nothing = default;
        return Read(ref nothing, plaintext, out bytes);
    }

    /// <summary>Opens at most one record into <paramref name="plaintext"/>, of what was fed and then of <paramref name="ciphertext"/>.</summary>
    /// <param name="ciphertext">What the network brought, without what was read of it before; what this reads is taken from its front. With <see cref="TlsStatus.WantRead"/> that is all.</param>
    /// <param name="plaintext">Where to.</param>
    /// <param name="bytes">How many bytes of plaintext.</param>
    public TlsStatus Read(ref ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, out int bytes)
    {
        lock (_lock)
        {
            bytes = 0;
            if (_ssl == 0 || FailureReason != CloseReason.None)
            {
                return TlsStatus.Failed;
            }

            fixed (byte* start = plaintext, lent = ciphertext)
            {
                OpenSsl.ErrClear();
                _bio.LendToRead(lent, ciphertext.Length);
                int result = OpenSsl.SessionRead(_ssl, start, plaintext.Length);
                ciphertext = ciphertext[^_bio.EndReading()..];
                if (result > 0)
                {
                    bytes = result;
                    return TlsStatus.Ok;
                }

                TlsStatus status = Judge(result);
                NoteCiphertext(); // Reading may answer: a key update, an alert.
                return status;
            }
        }
    }

    /// <summary>Seals plaintext, all of it, into records of at most 16 KiB, which are to be taken.</summary>
    public TlsStatus Write(ReadOnlySpan<byte> plaintext) => Write(plaintext, default, out _);

    /// <summary>Seals plaintext, all of it, into records of at most 16 KiB: into <paramref name="ciphertext"/>, behind which comes what is to be taken.</summary>
    /// <param name="plaintext">What is to be sent.</param>
    /// <param name="ciphertext">Where to. It stays empty if something waits to be taken; from the first record on that it has no room for, all is to be taken.</param>
    /// <param name="bytes">How many bytes are there.</param>
    public TlsStatus Write(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, out int bytes)
    {
        lock (_lock)
        {
            bytes = 0;
            if (_ssl == 0 || FailureReason != CloseReason.None)
            {
                return TlsStatus.Failed;
            }

            TlsStatus status = TlsStatus.Ok;
            fixed (byte* start = plaintext, lent = ciphertext)
            {
                _bio.LendToWrite(lent, ciphertext.Length);
                int done = 0;
                while (done < plaintext.Length && status == TlsStatus.Ok)
                {
                    ChangeKeyIfDue();
                    OpenSsl.ErrClear();
                    int result = OpenSsl.SessionWrite(_ssl, start + done, Math.Min(plaintext.Length - done, RecordBytesMax));
                    if (result > 0)
                    {
                        done += result;
                        _records++;
                    }
                    else
                    {
                        status = Judge(result);
                    }
                }

                bytes = _bio.EndWriting();
            }

            NoteCiphertext();
            return status;
        }
    }

    /// <summary>Takes ciphertext to send.</summary>
    /// <returns>How many bytes; 0 when there are none.</returns>
    public int Take(Span<byte> ciphertext)
    {
        lock (_lock)
        {
            if (_ssl == 0 || _ciphertextBytes == 0)
            {
                return 0;
            }

            fixed (byte* start = ciphertext)
            {
                int bytes = _bio.Take(start, ciphertext.Length);
                NoteCiphertext();
                return bytes;
            }
        }
    }

    /// <summary>Gives memory back: a memory BIO keeps the most it ever held. For a session that has been idle for a while.</summary>
    public void Shrink()
    {
        lock (_lock)
        {
            // Both empty: a record that has come in part is in the session's own buffer by then, or still here, and then everything stays.
            if (_ssl != 0 && _hasGrown && _established && _ciphertextBytes == 0 && _bio.FedBytes == 0)
            {
                _hasGrown = false;
                _bio.MakeMemory();
            }
        }
    }

    /// <summary>Says that nothing more will be sent (close_notify). The peer may go on.</summary>
    public void Shutdown()
    {
        lock (_lock)
        {
            if (_ssl != 0 && _established && FailureReason == CloseReason.None)
            {
                OpenSsl.ErrClear();
                OpenSsl.SessionShutdown(_ssl);
                OpenSsl.ErrClear();
                NoteCiphertext();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_ssl != 0)
            {
                OpenSsl.SessionFree(_ssl); // Frees its ends of the buffers, too.
                _bio.Free();
                _ssl = 0;
                _self.Free();
                Volatile.Write(ref _ciphertextBytes, 0);
            }
        }
    }

    /// <summary>The session of an SSL object; used by callbacks, under the session's lock.</summary>
    internal static TlsSession? Of(nint ssl)
    {
        nint handle = ssl == 0 ? 0 : OpenSsl.SessionGetData(ssl, 0);
        return handle == 0 ? null : GCHandle.FromIntPtr(handle).Target as TlsSession;
    }

    internal void AcceptPeer(PeerId peer)
    {
        Peer = peer;
        _verified = true;
    }

    internal void RefusePeer(CloseReason reason, string detail)
    {
        Peer = default;
        _verified = false;
        FailureReason = reason;
        FailureDetail = detail;
    }

    private void NameServer(PeerId id)
    {
        fixed (byte* name = Encoding.ASCII.GetBytes(id.ToString() + '\0'))
        {
            OpenSslError.ThrowUnlessPositive(OpenSsl.SessionControl(_ssl, OpenSsl.CtrlSetTlsExtHostName, 0, (nint)name), "The server name could not be set");
        }
    }

    private TlsStatus Establish()
    {
        byte* protocol;
        uint length;
        OpenSsl.SessionAlpn(_ssl, &protocol, &length);
        ReadOnlySpan<byte> name = LaneNames.WireName(Lane)[1..];
        if (!new ReadOnlySpan<byte>(protocol, (int)length).SequenceEqual(name))
        {
            return Fail(CloseReason.Alpn, $"the peer did not agree on the protocol {Encoding.ASCII.GetString(name)}");
        }

        // Never true without verification; checked all the same, since everything rests on it.
        if (!_verified || OpenSsl.SessionVersion(_ssl) != OpenSsl.Tls13)
        {
            return Fail(CloseReason.TlsFailure, "the handshake ended without a verified peer");
        }

        _established = true;
        return TlsStatus.Ok;
    }

    private TlsStatus Judge(int result)
    {
        switch (OpenSsl.SessionError(_ssl, result))
        {
            case OpenSsl.ErrorWantRead or OpenSsl.ErrorWantWrite:
                return TlsStatus.WantRead;
            case OpenSsl.ErrorZeroReturn:
                return TlsStatus.Closed;
            default:
                int code = OpenSslError.Take(out string text);
                if (FailureReason != CloseReason.None)
                {
                    return TlsStatus.Failed; // The verification has said more already.
                }

                CloseReason reason = TlsFailure.Classify(code);
                return Fail(reason, TlsFailure.Describe(reason, text));
        }
    }

    private TlsStatus Fail(CloseReason reason, string detail)
    {
        FailureReason = reason;
        FailureDetail = detail;
        return TlsStatus.Failed;
    }

    private void ChangeKeyIfDue()
    {
        if (_records >= Endpoint.RecordsPerKey)
        {
            _records = 0;
            OpenSsl.ErrClear();
            if (OpenSsl.SessionKeyUpdate(_ssl, Endpoint.AsksForKeyUpdates ? OpenSsl.KeyUpdateRequested : OpenSsl.KeyUpdateNotRequested) == 1)
            {
                KeyUpdates++;
            }
        }
    }

    private void NoteCiphertext()
    {
        int left = _bio.LeftBytes;
        if (left != _ciphertextBytes)
        {
            _hasGrown |= left > BufferBytesKept;
            Volatile.Write(ref _ciphertextBytes, left);
        }
    }
}
