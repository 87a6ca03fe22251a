namespace Kameo.Actors.Transport;

/// <summary>Why a connection ended or was refused. Sent in <c>goodbye</c> frames where the peer can still be told, logged once and counted on both ends.</summary>
/// <remarks>The numbers are on the wire and never change.</remarks>
public enum CloseReason : byte
{
    /// <summary>No reason is known yet: the connection lives.</summary>
    None = 0,

    /// <summary>This node shut the connection down in good order.</summary>
    Shutdown = 1,

    /// <summary>The peer said goodbye.</summary>
    PeerShutdown = 2,

    /// <summary>The network ended the connection: reset, broken pipe, end of stream without goodbye.</summary>
    ConnectionLost = 3,

    /// <summary>Nothing answered at the address: refused, unreachable or no answer in time.</summary>
    Unreachable = 4,

    /// <summary>The handshake did not finish within its time.</summary>
    HandshakeTimeout = 5,

    /// <summary>What arrived is not TLS.</summary>
    NotTls = 16,

    /// <summary>The peer does not offer TLS 1.3.</summary>
    TlsVersion = 17,

    /// <summary>The peer does not offer the ALPN protocol <c>kameo/1</c>.</summary>
    Alpn = 18,

    /// <summary>The peer has no certificate.</summary>
    NoCertificate = 19,

    /// <summary>The peer's certificate key is not Ed25519.</summary>
    KeyType = 20,

    /// <summary>The peer's certificate is not valid yet or has expired.</summary>
    CertificateExpired = 21,

    /// <summary>The peer's certificate is malformed or its signature is wrong.</summary>
    BadCertificate = 22,

    /// <summary>The trust policy does not admit this peer (another secret, another cluster key, not on the list).</summary>
    NotTrusted = 23,

    /// <summary>The peer is another one than the one that was dialled.</summary>
    WrongPeer = 24,

    /// <summary>The other side refused this node's identity or handshake (a TLS alert).</summary>
    RefusedByPeer = 25,

    /// <summary>The TLS session failed in another way: a record that does not decrypt, a protocol violation.</summary>
    TlsFailure = 26,

    /// <summary>A node dialled itself.</summary>
    Self = 32,

    /// <summary>The peer belongs to a cluster of another name or id.</summary>
    WrongCluster = 33,

    /// <summary>No protocol version is common to both.</summary>
    ProtocolVersion = 34,

    /// <summary>Another connection to the same peer took over.</summary>
    Duplicate = 35,

    /// <summary>The incarnation of the peer is superseded or was evicted.</summary>
    StaleIncarnation = 36,

    /// <summary>A limit on connections is reached.</summary>
    TooManyConnections = 37,

    /// <summary>A frame is malformed: lengths that do not add up, a kind that is not known, a field out of range.</summary>
    MalformedFrame = 48,

    /// <summary>A frame is longer than the limit.</summary>
    OversizedFrame = 49,

    /// <summary>A frame carries an extension that must be understood and is not.</summary>
    UnknownExtension = 50,

    /// <summary>A frame arrived where the protocol does not allow it: a request before hello, a second hello.</summary>
    ProtocolViolation = 51,

    /// <summary>The peer sent more requests than its window allowed.</summary>
    WindowOverrun = 52,

    /// <summary>The peer defined more names than the table holds, or defined one twice.</summary>
    TableOverrun = 53,

    /// <summary>The peer did not answer a ping within the time allowed.</summary>
    PingTimeout = 54,

    /// <summary>The peer does not read what it asked for: as many bytes of answers wait for it as this node holds.</summary>
    AnswersUnread = 55,

    /// <summary>An invariant of this node failed on this connection; the log has the exception.</summary>
    InternalError = 255,
}
