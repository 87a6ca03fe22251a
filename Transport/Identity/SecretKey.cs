using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport;

/// <summary>An Ed25519 secret key: what makes a node the peer it is, or what makes identities of a cluster. Its seed lies in memory of its own, zeroed on disposal.</summary>
/// <remarks>Thread safe. Whoever makes one disposes it; a node never disposes a key it was given.</remarks>
public sealed unsafe class SecretKey : IDisposable
{
    /// <summary>Bytes of a seed.</summary>
    public const int SeedBytes = 32;

    private const string PemLabel = "PRIVATE KEY";

    /// <summary>A PKCS#8 PrivateKeyInfo up to the seed: version 0, OID 1.3.101.112, an OCTET STRING in an OCTET STRING. Source: RFC 8410, section 7.</summary>
    private static readonly byte[] s_pkcs8Prefix = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    private readonly Lock _lock = new();
    private byte* _seed;

    private SecretKey(ReadOnlySpan<byte> seed)
    {
        // Native memory: the garbage collector makes no copies of it.
        _seed = (byte*)NativeMemory.AllocZeroed(SeedBytes);
        seed.CopyTo(new Span<byte>(_seed, SeedBytes));
        try
        {
            Id = ReadPublicKey();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file that it was read from; null for none.</summary>
    internal string? FilePath { get; set; }

    /// <summary>Zeroes what nobody disposed.</summary>
    ~SecretKey() => Clear();

    /// <summary>The public key: who holds this is that peer.</summary>
    public PeerId Id { get; }

    /// <summary>Makes a new key from the system's random source.</summary>
    public static SecretKey Generate()
    {
        Span<byte> seed = stackalloc byte[SeedBytes];
        RandomNumberGenerator.Fill(seed);
        try
        {
            return new SecretKey(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Makes the key of a seed. The caller zeroes its own copy.</summary>
    /// <exception cref="ArgumentException">The seed has not 32 bytes.</exception>
    public static SecretKey FromSeed(ReadOnlySpan<byte> seed) =>
        seed.Length == SeedBytes ? new SecretKey(seed) : throw new ArgumentException($"A seed has {SeedBytes} bytes, not {seed.Length}.", nameof(seed));

    /// <summary>Reads a key in PKCS#8 PEM, as <c>openssl genpkey -algorithm ed25519</c> writes it.</summary>
    /// <exception cref="FormatException">It is none, or of another algorithm.</exception>
    public static SecretKey FromPem(ReadOnlySpan<char> pem)
    {
        if (!PemEncoding.TryFind(pem, out PemFields fields) || !pem[fields.Label].SequenceEqual(PemLabel))
        {
            throw new FormatException($"There is no PEM block '{PemLabel}' (PKCS#8, not encrypted).");
        }

        byte[] der = new byte[fields.DecodedDataLength];
        try
        {
            if (!Convert.TryFromBase64Chars(pem[fields.Base64Data], der, out int bytes) || bytes != s_pkcs8Prefix.Length + SeedBytes || !der.AsSpan().StartsWith(s_pkcs8Prefix))
            {
                throw new FormatException("The private key is not an Ed25519 key in PKCS#8 (RFC 8410).");
            }

            return new SecretKey(der.AsSpan(s_pkcs8Prefix.Length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>The key in PKCS#8 PEM, with a line end behind it. The text is secret, and stays in memory until it is collected.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public string ToPem()
    {
        Span<byte> der = stackalloc byte[s_pkcs8Prefix.Length + SeedBytes];
        s_pkcs8Prefix.CopyTo(der);
        try
        {
            CopySeed(der[s_pkcs8Prefix.Length..]);
            return PemEncoding.WriteString(PemLabel, der) + "\n";
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>An OpenSSL key, the caller's to free.</summary>
    internal nint NewOpenSslKey()
    {
        OpenSslLibrary.Require();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_seed is null, this);
            OpenSsl.ErrClear();
            return OpenSslError.ThrowIfZero(OpenSsl.KeyFromSeed(OpenSsl.Ed25519, 0, _seed, SeedBytes), "An Ed25519 key could not be made");
        }
    }

    private void CopySeed(Span<byte> into)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_seed is null, this);
            new ReadOnlySpan<byte>(_seed, SeedBytes).CopyTo(into);
        }
    }

    private PeerId ReadPublicKey()
    {
        nint key = NewOpenSslKey();
        try
        {
            return OpenSslKeys.PublicKeyOf(key);
        }
        finally
        {
            OpenSsl.KeyFree(key);
        }
    }

    private void Clear()
    {
        lock (_lock)
        {
            if (_seed is not null)
            {
                CryptographicOperations.ZeroMemory(new Span<byte>(_seed, SeedBytes));
                NativeMemory.Free(_seed);
                _seed = null;
            }
        }
    }
}
