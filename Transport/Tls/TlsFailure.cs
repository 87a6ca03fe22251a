namespace Kameo.Actors.Transport.Tls;

/// <summary>From OpenSSL's reason codes to ours. Source of the numbers: <c>openssl/sslerr.h</c>; a received alert is 1000 plus its number (RFC 8446, section 6).</summary>
internal static class TlsFailure
{
    private const int AlertOffset = 1000;

    /// <summary>Why a session failed, as far as OpenSSL tells.</summary>
    public static CloseReason Classify(int reason) => reason switch
    {
        155 or 156 or 267 or 198 => CloseReason.NotTls, // HTTPS proxy request, HTTP request, wrong version number, packet length too long
        258 or 266 or 396 or 1070 => CloseReason.TlsVersion, // unsupported protocol, wrong SSL version, version too low, alert protocol_version
        235 or 1120 => CloseReason.Alpn, // no application protocol, the alert that says so
        199 => CloseReason.NoCertificate, // peer did not return a certificate
        247 or 370 => CloseReason.KeyType, // unknown certificate type, wrong signature type
        >= AlertOffset and < AlertOffset + 256 => CloseReason.RefusedByPeer,
        _ => CloseReason.TlsFailure,
    };

    /// <summary>The sentence for the log.</summary>
    public static string Describe(CloseReason reason, string openSsl) => reason switch
    {
        CloseReason.NotTls => $"what arrived is not TLS ({openSsl})",
        CloseReason.TlsVersion => $"no common TLS version: only 1.3 is spoken here ({openSsl})",
        CloseReason.Alpn => $"the peer does not speak the protocol kameo/1 ({openSsl})",
        CloseReason.NoCertificate => "the peer has no Ed25519 certificate",
        CloseReason.RefusedByPeer => $"the peer refused this node ({openSsl})",
        _ => $"TLS failed: {openSsl}",
    };
}
