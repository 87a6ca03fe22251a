using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Kameo.Actors.Serialization;

/// <summary>How values of a type lie in memory, as the generator found when the code was compiled. Implementations are empty structs.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IValueLayout
{
    /// <summary>The size of one value.</summary>
    static abstract int Bytes { get; }
}

/// <summary>The layout of a type of .NET that is the same everywhere.</summary>
/// <typeparam name="T">The type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct PlainLayout<T> : IValueLayout
    where T : unmanaged
{
    /// <inheritdoc/>
    public static int Bytes => Unsafe.SizeOf<T>();
}

/// <summary>Compares the layout that was found when the code was compiled with what the runtime made of the type: of one in another assembly not everything can be seen then.</summary>
internal static class ValueSize<T, TLayout>
    where T : unmanaged
    where TLayout : struct, IValueLayout
{
    private static readonly bool s_isAsFound = Unsafe.SizeOf<T>() == TLayout.Bytes && (typeof(T).IsPrimitive || typeof(T).IsEnum || !typeof(T).IsAutoLayout);

    /// <summary>The size of one value.</summary>
    /// <exception cref="NotSupportedException">The type is laid out in another way than was found.</exception>
    public static int Bytes
    {
        get
        {
            if (!s_isAsFound)
            {
                ThrowOther();
            }

            return Unsafe.SizeOf<T>();
        }
    }

    [DoesNotReturn]
    private static void ThrowOther() => throw new NotSupportedException(
        $"{typeof(T)} does not travel as it is in memory: it has {Unsafe.SizeOf<T>()} bytes instead of the {TLayout.Bytes} of its fields, or its layout is automatic.");
}
