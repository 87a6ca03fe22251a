using System.Security.Cryptography;
using System.Text;

namespace Kameo.Actors.Transport.Tls;

/// <summary>Makes the X.509 v3 certificates of nodes: an Ed25519 key, signed by itself or by a cluster's key. Source: RFC 5280; RFC 8410 for the keys.</summary>
internal static unsafe class CertificateMaker
{
    /// <summary>How long a certificate that a node makes for itself is valid: it lives in memory, as long as the node.</summary>
    public static readonly TimeSpan ValidityOfOwn = TimeSpan.FromDays(3650);

    private const int BasicConstraints = 87; // NID_basic_constraints
    private const int Utf8Text = 0x1000; // MBSTRING_UTF8
    private const int Version3 = 2;
    private static readonly TimeSpan s_before = TimeSpan.FromDays(1);

    /// <summary>Makes a certificate, DER.</summary>
    public static byte[] Make(SecretKey signer, PeerId subject, TimeProvider time, TimeSpan validity)
    {
        OpenSslLibrary.Require();
        nint certificate = 0;
        nint subjectKey = 0;
        nint signingKey = 0;
        try
        {
            OpenSsl.ErrClear();
            certificate = OpenSslError.ThrowIfZero(OpenSsl.CertNew(), "A certificate could not be made");
            subjectKey = OpenSslKeys.NewPublicKey(subject);
            signingKey = signer.NewOpenSslKey();
            Ensure(OpenSsl.CertSetVersion(certificate, Version3));
            Span<byte> serial = stackalloc byte[8];
            RandomNumberGenerator.Fill(serial);
            serial[0] &= 0x7f; // Positive.
            Ensure(OpenSsl.IntegerSet(OpenSsl.CertSerial(certificate), BitConverter.ToUInt64(serial) | 1));
            DateTimeOffset now = time.GetUtcNow();
            OpenSslError.ThrowIfZero(OpenSsl.TimeSet(OpenSsl.CertNotBefore(certificate), (now - s_before).ToUnixTimeSeconds()), "The validity could not be set");
            OpenSslError.ThrowIfZero(OpenSsl.TimeSet(OpenSsl.CertNotAfter(certificate), (now + validity).ToUnixTimeSeconds()), "The validity could not be set");
            AddName(OpenSsl.CertSubject(certificate), subject);
            SetIssuer(certificate, signer.Id);
            Ensure(OpenSsl.CertSetKey(certificate, subjectKey));
            nint extension = OpenSslError.ThrowIfZero(OpenSsl.ExtensionNew(0, 0, BasicConstraints, "critical,CA:FALSE"), "An extension could not be made");
            int added = OpenSsl.CertAddExtension(certificate, extension, -1);
            OpenSsl.ExtensionFree(extension);
            Ensure(added);
            Ensure(OpenSsl.CertSign(certificate, signingKey, 0));
            return Encode(certificate);
        }
        finally
        {
            OpenSsl.CertFree(certificate);
            OpenSsl.KeyFree(subjectKey);
            OpenSsl.KeyFree(signingKey);
        }
    }

    /// <summary>Reads a certificate, the caller's to free.</summary>
    /// <exception cref="CryptographicException">The bytes are none.</exception>
    public static nint Decode(ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            byte* at = start;
            OpenSsl.ErrClear();
            return OpenSslError.ThrowIfZero(OpenSsl.CertDecode(0, &at, der.Length), "The certificate is malformed");
        }
    }

    private static byte[] Encode(nint certificate)
    {
        int length = OpenSsl.CertEncode(certificate, null);
        OpenSslError.ThrowUnlessPositive(length, "The certificate could not be encoded");
        byte[] der = new byte[length];
        fixed (byte* start = der)
        {
            byte* at = start;
            OpenSslError.ThrowUnlessPositive(OpenSsl.CertEncode(certificate, &at), "The certificate could not be encoded");
        }

        return der;
    }

    private static void SetIssuer(nint certificate, PeerId issuer)
    {
        nint name = OpenSslError.ThrowIfZero(OpenSsl.NameNew(), "A name could not be made");
        try
        {
            AddName(name, issuer);
            Ensure(OpenSsl.CertSetIssuer(certificate, name));
        }
        finally
        {
            OpenSsl.NameFree(name);
        }
    }

    private static void AddName(nint name, PeerId id)
    {
        byte[] text = Encoding.ASCII.GetBytes(id.ToString());
        fixed (byte* start = text)
        {
            Ensure(OpenSsl.NameAdd(name, "CN", Utf8Text, start, text.Length, -1, 0));
        }
    }

    private static void Ensure(int result) => OpenSslError.ThrowUnlessPositive(result, "The certificate could not be made");
}
