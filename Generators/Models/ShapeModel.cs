namespace Kameo.Actors.Generators.Models;

/// <summary>A type that gets a generated formatter; or, where it travels as it is in memory, a generated layout.</summary>
/// <param name="Type">The type, with <c>global::</c>.</param>
/// <param name="FormatterName">The simple name of its formatter.</param>
/// <param name="IsReference">Whether it can be null.</param>
/// <param name="IsArray">Whether members travel by position instead of by name.</param>
/// <param name="IsImmutable">Whether local calls may share it.</param>
/// <param name="IsRecursive">Whether a value may contain another of its type, and so itself.</param>
/// <param name="Members">The members, in the order they travel.</param>
/// <param name="ConstructorMembers">Which members the constructor takes, by index, in its order.</param>
/// <param name="Cases">For a union: the types it can be.</param>
/// <param name="ValueBytes">For a layout: the size of a value; else 0.</param>
internal sealed record ShapeModel(
    string Type,
    string FormatterName,
    bool IsReference,
    bool IsArray,
    bool IsImmutable,
    bool IsRecursive,
    EquatableArray<MemberModel> Members,
    EquatableArray<int> ConstructorMembers,
    EquatableArray<CaseModel> Cases,
    int ValueBytes = 0)
{
    /// <summary>A layout.</summary>
    public static ShapeModel Layout(string type, string name, int valueBytes) => new(type, name, false, false, false, false, default, default, default, valueBytes);
}

/// <summary>One member.</summary>
/// <param name="Name">Its name in C#, escaped.</param>
/// <param name="Key">Its name on the wire.</param>
/// <param name="Position">Its place in an array; negative for none.</param>
/// <param name="Value">How it travels.</param>
/// <param name="Place">Where its value goes.</param>
/// <param name="Default">What a constructor's parameter is when the member is missing; null for the type's default.</param>
internal sealed record MemberModel(string Name, string Key, int Position, ValueModel Value, MemberPlace Place, string? Default);

/// <summary>Where the value of a member goes when an object is made.</summary>
internal enum MemberPlace
{
    /// <summary>To the constructor.</summary>
    Constructor,

    /// <summary>To the initialiser, which must have it; perhaps to the constructor too.</summary>
    Required,

    /// <summary>To the initialiser, which may leave it out.</summary>
    Initialiser,

    /// <summary>To the finished object, or nowhere.</summary>
    Setter,
}

/// <summary>One case of a union.</summary>
/// <param name="Key">Its number.</param>
/// <param name="Value">How it travels.</param>
internal sealed record CaseModel(int Key, ValueModel Value);
