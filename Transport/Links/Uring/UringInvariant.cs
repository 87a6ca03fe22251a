using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>Checks of what the kernel says, on in Release: nothing of it is used as an index unchecked.</summary>
internal static class UringInvariant
{
    /// <summary>Throws when a condition does not hold.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Require(bool holds, string what)
    {
        if (!holds)
        {
            Fail(what);
        }
    }

    /// <summary>Throws. For messages that are made when they are needed.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    [DoesNotReturn]
    public static void Fail(string what) => throw new InvalidOperationException($"io_uring: {what}.");
}
