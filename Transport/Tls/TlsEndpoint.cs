using System.Runtime.InteropServices;
using System.Text;

namespace Kameo.Actors.Transport.Tls;

/// <summary>A node's side of every TLS session: its key and certificate, its trust policy, and the settings, the same for both roles. Thread safe.</summary>
/// <remarks>
/// TLS 1.3 only (RFC 8446), X25519, Ed25519, ALPN by <see cref="Lane"/>, client certificates required, no tickets and no resumption: the certificate is checked in every
/// handshake. Every session keeps the endpoint's native context alive by itself, so the endpoint may be disposed before they are, and while one is being made.
/// </remarks>
internal sealed unsafe class TlsEndpoint : IDisposable
{
    /// <summary>Records sealed with one key: AES-GCM allows 2^24.5 full ones (RFC 8446, 5.5); the key is changed well before.</summary>
    public const long RecordsPerKeyDefault = 1 << 23;

    private const string Suites = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";

    /// <summary>Held where native objects of the endpoint are used, and where they are freed: for the making of a session, and for a signature to be checked; never with another lock taken inside.</summary>
    private readonly Lock _lock = new();

    private readonly Lock _keyLogLock = new();
    private readonly TextWriter? _keyLog;
    private nint _context;

    /// <summary>The key that must have signed peers' certificates, or 0: their own.</summary>
    private nint _issuerKey;

    /// <summary>Makes the endpoint of a node.</summary>
    /// <exception cref="PlatformNotSupportedException">OpenSSL 3 is missing.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The node certificate of the policy is malformed or of another key.</exception>
    public TlsEndpoint(SecretKey key, TrustPolicy trust, TimeProvider time, TextWriter? keyLog)
    {
        OpenSslLibrary.Require();
        Id = key.Id;
        Trust = trust;
        Time = time;
        _keyLog = keyLog;
        _issuerKey = trust.Issuer is { } issuer ? OpenSslKeys.NewPublicKey(issuer) : 0;
        OpenSsl.ErrClear();
        _context = OpenSslError.ThrowIfZero(OpenSsl.ContextNew(OpenSsl.TlsMethod()), "A TLS context could not be made");
        try
        {
            Configure();
            UseIdentity(key);
        }
        catch
        {
            Free();
            throw;
        }

    }

    /// <summary>The node's id.</summary>
    public PeerId Id { get; }

    /// <summary>Who may connect.</summary>
    public TrustPolicy Trust { get; }

    /// <summary>The clock that validity is judged by.</summary>
    public TimeProvider Time { get; }

    /// <summary>After how many sealed records a session changes its key. Tests lower it.</summary>
    public long RecordsPerKey { get; init; } = RecordsPerKeyDefault;

    /// <summary>Whether a change of key asks the peer to change its own, too (RFC 8446, 4.6.3). Not needed, since each side counts for itself; tests do it, and peers may.</summary>
    public bool AsksForKeyUpdates { get; init; }

    /// <summary>Whether the cluster's key has signed a certificate; not, once the endpoint is disposed.</summary>
    public bool IsSignedByIssuer(nint certificate)
    {
        lock (_lock)
        {
            return _issuerKey != 0 && OpenSsl.CertVerify(certificate, _issuerKey) == 1;
        }
    }

    /// <summary>Begins a session as the side that dials.</summary>
    /// <param name="expected">Who must answer; null: whoever the policy admits.</param>
    /// <param name="lane">What it is for.</param>
    public TlsSession CreateClient(PeerId? expected, Lane lane = Lane.Data) => new(this, NewSession(), isClient: true, expected, lane);

    /// <summary>Begins a session as the side that is dialled.</summary>
    /// <param name="lane">What it is for; a client that wants something else is refused.</param>
    public TlsSession CreateServer(Lane lane = Lane.Data) => new(this, NewSession(), isClient: false, null, lane);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_context != 0)
            {
                Free();
            }
        }
    }

    /// <summary>Writes one line of the key log (NSS format), if the node has one.</summary>
    internal void LogKey(byte* line)
    {
        if (_keyLog is not null)
        {
            string text = Marshal.PtrToStringUTF8((nint)line) ?? string.Empty;
            lock (_keyLogLock)
            {
                _keyLog.WriteLine(text);
                _keyLog.Flush();
            }
        }
    }

    [UnmanagedCallersOnly]
    private static int SelectAlpn(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint offeredLength, nint argument)
    {
        // The offer is a list of names, each behind its length. OpenSSL has checked that they add up; the bounds are kept all the same.
        ReadOnlySpan<byte> wanted = LaneNames.WireName(TlsSession.Of(ssl)?.Lane ?? Lane.Data);
        uint at = 0;
        while (at < offeredLength)
        {
            uint length = offered[at];
            if (at + 1 + length > offeredLength)
            {
                break;
            }

            if (new ReadOnlySpan<byte>(offered + at, (int)length + 1).SequenceEqual(wanted))
            {
                *selected = offered + at + 1;
                *selectedLength = (byte)length;
                return OpenSsl.AlpnOk;
            }

            at += 1 + length;
        }

        return OpenSsl.AlpnFatal;
    }

    [UnmanagedCallersOnly]
    private static void OnKeyLog(nint ssl, byte* line) => TlsSession.Of(ssl)?.Endpoint.LogKey(line);

    private nint NewSession()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_context == 0, this);
            OpenSsl.ErrClear();
            return OpenSslError.ThrowIfZero(OpenSsl.SessionNew(_context), "A TLS session could not be made");
        }
    }

    private void Configure()
    {
        Control(OpenSsl.CtrlSetMinVersion, OpenSsl.Tls13);
        Control(OpenSsl.CtrlSetMaxVersion, OpenSsl.Tls13);
        OpenSsl.ContextSetOptions(_context, OpenSsl.OptionNoTicket | OpenSsl.OptionNoCompression | OpenSsl.OptionNoRenegotiation);
        OpenSslError.ThrowUnlessPositive(OpenSsl.ContextSetSuites(_context, Suites), "The cipher suites could not be set");
        ControlText(OpenSsl.CtrlSetGroupsList, "X25519");
        ControlText(OpenSsl.CtrlSetSigalgsList, "ed25519");
        ControlText(OpenSsl.CtrlSetClientSigalgsList, "ed25519");
        OpenSsl.ContextControl(_context, OpenSsl.CtrlMode, OpenSsl.ModeEnablePartialWrite | OpenSsl.ModeAcceptMovingWriteBuffer | OpenSsl.ModeReleaseBuffers, 0);
        OpenSsl.ContextControl(_context, OpenSsl.CtrlSessionCacheMode, 0, 0);
        OpenSslError.ThrowUnlessPositive(OpenSsl.ContextSetTickets(_context, 0), "Tickets could not be turned off");
        OpenSsl.ContextSetVerify(_context, OpenSsl.VerifyPeer | OpenSsl.VerifyFailIfNoPeerCertificate, 0);
        OpenSsl.ContextSetCertVerify(_context, &TlsVerification.Verify, 0);
        OpenSsl.ContextSetAlpnSelect(_context, &SelectAlpn, 0);
        if (_keyLog is not null)
        {
            OpenSsl.ContextSetKeyLog(_context, &OnKeyLog);
        }
    }

    private void UseIdentity(SecretKey key)
    {
        nint own = key.NewOpenSslKey();
        nint certificate = 0;
        try
        {
            certificate = CertificateMaker.Decode(Trust.CertificateFor(key, Time));
            OpenSslError.ThrowUnlessPositive(OpenSsl.ContextUseCertificate(_context, certificate), "The node certificate could not be used");
            OpenSslError.ThrowUnlessPositive(OpenSsl.ContextUseKey(_context, own), "The node certificate is not for this node's key");
        }
        finally
        {
            OpenSsl.CertFree(certificate);
            OpenSsl.KeyFree(own);
        }
    }

    private void Control(int command, nint number) => OpenSslError.ThrowUnlessPositive(OpenSsl.ContextControl(_context, command, number, 0), "A TLS setting was refused");

    private void ControlText(int command, string text)
    {
        fixed (byte* start = Encoding.ASCII.GetBytes(text + '\0'))
        {
            OpenSslError.ThrowUnlessPositive(OpenSsl.ContextControl(_context, command, 0, (nint)start), $"The TLS setting '{text}' was refused");
        }
    }

    private void Free()
    {
        OpenSsl.ContextFree(_context); // Counted: sessions that stand keep it.
        _context = 0;
        OpenSsl.KeyFree(_issuerKey);
        _issuerKey = 0;
    }
}
