using System.Security.Cryptography;

namespace Kameo.Actors.Transport.Tls;

/// <summary>A cluster key from a secret that people can type.</summary>
internal static unsafe class SecretDerivation
{
    // The cost of one guess: about 0.4 s and 128 MiB. Source: RFC 7914 and the parameters recommended for interactive use, one step above.
    private const ulong Cost = 1 << 17;
    private const ulong BlockSize = 8;
    private const ulong Parallel = 1;
    private const ulong MemoryBytesMax = 256 * 1024 * 1024;

    /// <summary>Derives a key and zeroes the secret.</summary>
    public static SecretKey Derive(byte[] secret, byte[] salt)
    {
        OpenSslLibrary.Require();
        Span<byte> seed = stackalloc byte[SecretKey.SeedBytes];
        try
        {
            fixed (byte* secretStart = secret, saltStart = salt, seedStart = seed)
            {
                OpenSsl.ErrClear();
                OpenSslError.ThrowUnlessPositive(
                    OpenSsl.Scrypt(secretStart, (nuint)secret.Length, saltStart, (nuint)salt.Length, Cost, BlockSize, Parallel, MemoryBytesMax, seedStart, SecretKey.SeedBytes),
                    "The secret could not be turned into a key");
            }

            return SecretKey.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
