namespace Kameo.Actors.Transport.Tls;

/// <summary>Ed25519 keys as OpenSSL holds them.</summary>
internal static unsafe class OpenSslKeys
{
    /// <summary>The public key of a key.</summary>
    public static PeerId PublicKeyOf(nint key)
    {
        byte* bytes = stackalloc byte[PeerId.Bytes];
        nuint length = PeerId.Bytes;
        OpenSslError.ThrowUnlessPositive(OpenSsl.KeyGetPublic(key, bytes, &length), "The public key could not be read");
        return new PeerId(new ReadOnlySpan<byte>(bytes, (int)length));
    }

    /// <summary>A public key, the caller's to free.</summary>
    public static nint NewPublicKey(PeerId id)
    {
        OpenSslLibrary.Require();
        byte* bytes = stackalloc byte[PeerId.Bytes];
        id.CopyTo(new Span<byte>(bytes, PeerId.Bytes));
        OpenSsl.ErrClear();
        return OpenSslError.ThrowIfZero(OpenSsl.KeyFromPublic(OpenSsl.Ed25519, 0, bytes, PeerId.Bytes), "The public key could not be used");
    }
}
