namespace Kameo.Actors.Serialization;

/// <summary>Names a type that a value of this type can be, and the number it has on the wire. An abstract class or an interface travels by its cases; a value of any other type is refused.</summary>
/// <remarks>
/// A number is never used again for something else. An attribute of this name from elsewhere means the same, so contracts that have the one of MessagePack-CSharp stay as they are; it is not in the namespace that
/// contracts have anyway, so that theirs is not ambiguous.
/// <code>
/// [Union(0, typeof(Circle)), Union(1, typeof(Square))]
/// public abstract record Shape;
/// </code>
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface, AllowMultiple = true, Inherited = false)]
public sealed class UnionAttribute : Attribute
{
    /// <summary>Names a case.</summary>
    /// <param name="number">Its number on the wire, unlike that of any other case.</param>
    /// <param name="type">The type: one that derives from this one, is not abstract and no union itself.</param>
    public UnionAttribute(int number, Type type)
    {
        Number = number;
        Type = type;
    }

    /// <summary>Its number on the wire.</summary>
    public int Number { get; }

    /// <summary>The type.</summary>
    public Type Type { get; }
}
