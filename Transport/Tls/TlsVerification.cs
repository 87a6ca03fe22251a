using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Tls;

/// <summary>What is demanded of a peer's certificate, inside the handshake: an Ed25519 key, valid now, signed as the trust policy says, of a peer that it admits, and of the one that was dialled.</summary>
/// <remarks>That the peer holds the key is proven by TLS itself (CertificateVerify, RFC 8446, 4.4.3). Called by OpenSSL on the thread that drives the handshake, perhaps more than once.</remarks>
internal static unsafe class TlsVerification
{
    private const int Accepted = 1;
    private const int Refused = 0;

    [UnmanagedCallersOnly]
    [SuppressMessage("Design", "CA1031", Justification = "An exception must not cross native frames; it becomes a refusal.")]
    public static int Verify(nint store, nint argument)
    {
        TlsSession? session = null;
        try
        {
            session = TlsSession.Of(OpenSsl.StoreGetData(store, OpenSsl.SessionStoreIndex()));
            if (session is null)
            {
                return Refused;
            }

            CloseReason reason = Judge(session, store, out PeerId peer, out string detail);
            if (reason == CloseReason.None)
            {
                session.AcceptPeer(peer);
                return Accepted;
            }

            session.RefusePeer(reason, detail);
            OpenSsl.StoreSetError(store, AlertFor(reason));
            return Refused;
        }
        catch (Exception exception)
        {
            session?.RefusePeer(CloseReason.InternalError, exception.Message);
            return Refused;
        }
    }

    private static CloseReason Judge(TlsSession session, nint store, out PeerId peer, out string detail)
    {
        TlsEndpoint endpoint = session.Endpoint;
        peer = default;
        nint certificate = OpenSsl.StoreCert(store);
        if (certificate == 0)
        {
            detail = "the peer has no certificate";
            return CloseReason.NoCertificate;
        }

        if (OpenSsl.StackCount(OpenSsl.StoreChain(store)) > 1)
        {
            detail = "the peer sent a chain of certificates; one is expected";
            return CloseReason.BadCertificate;
        }

        nint key = OpenSsl.CertKey(certificate);
        if (key == 0 || OpenSsl.KeyBaseId(key) != OpenSsl.Ed25519)
        {
            detail = "the key of the peer's certificate is not Ed25519";
            return CloseReason.KeyType;
        }

        peer = OpenSslKeys.PublicKeyOf(key);
        long now = endpoint.Time.GetUtcNow().ToUnixTimeSeconds();

        // X509_cmp_time: -1 when the time is earlier than or equal to now, 1 when later, 0 when it cannot be read.
        if (OpenSsl.TimeCompare(OpenSsl.CertNotBefore(certificate), &now) != -1 || OpenSsl.TimeCompare(OpenSsl.CertNotAfter(certificate), &now) != 1)
        {
            detail = $"the certificate of {peer.ToShortString()} is not valid at this time";
            return CloseReason.CertificateExpired;
        }

        if (session.Expected is { } expected && expected != peer)
        {
            detail = $"expected the peer {expected}, found {peer}";
            return CloseReason.WrongPeer;
        }

        bool byCluster = endpoint.Trust.Issuer is not null;
        OpenSsl.ErrClear();
        bool signed = byCluster ? endpoint.IsSignedByIssuer(certificate) : OpenSsl.CertVerify(certificate, key) == 1;
        OpenSsl.ErrClear();
        if (!signed)
        {
            detail = byCluster
                ? $"the certificate of {peer.ToShortString()} is not signed by this cluster's key (another secret, or another cluster)"
                : $"the certificate of {peer.ToShortString()} is not signed by its own key: it belongs to a closed cluster, and this node does not";
            return CloseReason.NotTrusted;
        }

        if (endpoint.Trust.IsDenied(peer) || !endpoint.Trust.Admits(peer))
        {
            detail = $"the trust policy ({endpoint.Trust.Description}) does not admit {peer}";
            return CloseReason.NotTrusted;
        }

        detail = string.Empty;
        return CloseReason.None;
    }

    /// <summary>The verification error whose alert says most nearly what is wrong.</summary>
    private static int AlertFor(CloseReason reason) => reason switch
    {
        CloseReason.CertificateExpired => OpenSsl.VerifyErrorExpired,
        CloseReason.BadCertificate => OpenSsl.VerifyErrorSignature,
        _ => OpenSsl.VerifyErrorApplication,
    };
}
