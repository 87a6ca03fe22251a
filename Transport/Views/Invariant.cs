using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Views;

/// <summary>What must hold if this code is right. On in Release: a node that finds itself wrong about agreement must not go on.</summary>
internal static class Invariant
{
    /// <summary>Asserts.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="rule">What must hold, in words.</param>
    /// <exception cref="InvariantException">It does not.</exception>
    public static void Holds([DoesNotReturnIf(false)] bool holds, string rule)
    {
        if (!holds)
        {
            throw new InvariantException(rule);
        }
    }
}

/// <summary>A rule of agreement does not hold: a bug here or in a peer, never a condition to handle.</summary>
/// <param name="rule">The rule, in words.</param>
internal sealed class InvariantException(string rule) : Exception($"This does not hold: {rule}.");
