using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>The key of a peer's certificate.</summary>
internal enum PeerKey
{
    /// <summary>P-256.</summary>
    Ecdsa,

    /// <summary>2,048 bits.</summary>
    Rsa,
}

/// <summary>TLS of the C# peers: 1.3 only, and the cipher suite that ours prefers, so that all encrypt alike.</summary>
internal static class PeerTls
{
    /// <summary>Null where the system does not let a program choose.</summary>
    public static CipherSuitesPolicy? Suites { get; } = OperatingSystem.IsLinux() ? new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]) : null;

    /// <summary>A self-signed certificate, in memory.</summary>
    public static X509Certificate2 CreateCertificate(PeerKey kind)
    {
        using AsymmetricAlgorithm key = kind == PeerKey.Ecdsa ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        CertificateRequest request = key is ECDsa ecdsa
            ? new CertificateRequest("CN=localhost", ecdsa, HashAlgorithmName.SHA256)
            : new CertificateRequest("CN=localhost", (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }

    /// <summary>Of a client. The server is this program's own on this machine: any certificate will do.</summary>
    public static SslClientAuthenticationOptions ClientOptions(X509Certificate2? own) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = SslProtocols.Tls13,
        CipherSuitesPolicy = Suites,
        AllowTlsResume = false,
        ClientCertificates = own is null ? null : [own],
        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
    };

    /// <summary>Of a server.</summary>
    public static SslServerAuthenticationOptions ServerOptions(X509Certificate2 own, bool isMutual) => new()
    {
        ServerCertificate = own,
        EnabledSslProtocols = SslProtocols.Tls13,
        CipherSuitesPolicy = Suites,
        AllowTlsResume = false,
        ClientCertificateRequired = isMutual,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null || !isMutual,
    };
}
