using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kameo.Actors.Transport.Tls;

/// <summary>The error queue of OpenSSL, one per thread.</summary>
internal static class OpenSslError
{
    /// <summary>Takes the oldest error of this thread's queue and clears the rest.</summary>
    /// <returns>Its reason code, 0 if there was none, and the reason in words.</returns>
    public static int Take(out string text)
    {
        nuint error = OpenSsl.ErrGet();
        text = error == 0 ? "no reason given" : Marshal.PtrToStringUTF8(OpenSsl.ErrReason(error)) ?? $"error 0x{error:x}";
        OpenSsl.ErrClear();

        // ERR_GET_REASON of a library error: the low 23 bits.
        return (int)(error & 0x7f_ffff);
    }

    /// <summary>Refuses a null pointer or a failed call.</summary>
    /// <exception cref="CryptographicException">It is one.</exception>
    public static nint ThrowIfZero(nint result, string what)
    {
        if (result == 0)
        {
            Take(out string reason);
            throw new CryptographicException($"{what}: {reason}.");
        }

        return result;
    }

    /// <summary>Refuses any result but a positive one.</summary>
    public static void ThrowUnlessPositive(nint result, string what) => ThrowIfZero(result > 0 ? result : 0, what);
}
