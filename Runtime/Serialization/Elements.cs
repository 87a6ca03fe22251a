using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>What generated formatters share.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Elements
{
    /// <summary>Skips what a newer version of a type has more.</summary>
    public static void SkipBeyond(ref MessagePackReader reader, int count, int known)
    {
        for (; count > known; count--)
        {
            reader.Skip();
        }
    }

    /// <summary>The key of a member is no name.</summary>
    /// <exception cref="MessagePackException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowNoName() => throw new MessagePackException("The name of a member is nil.");

    /// <summary>A union is no pair.</summary>
    /// <exception cref="MessagePackException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowNoCase() => throw new MessagePackException("A union is an array of two: the case and the value.");

    /// <summary>A value is of a type that was not known when the code was compiled.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    [DoesNotReturn]
    public static void ThrowDerived(object value, Type declared) => throw Derived(value, declared);

    /// <summary>What to throw about a value of a type that was not known when the code was compiled.</summary>
    public static NotSupportedException Derived(object value, Type declared) =>
        new($"{value.GetType()} does not travel as {declared}: only types known when the code is compiled do. Name it with [Union] on {declared.Name}.");
}
