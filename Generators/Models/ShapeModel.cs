namespace Kameo.Actors.Generators.Models;

/// <summary>A type that gets a generated formatter.</summary>
/// <param name="Type">The type, with <c>global::</c>.</param>
/// <param name="FormatterName">The simple name of its formatter.</param>
/// <param name="IsReference">Whether it can be null.</param>
/// <param name="IsArray">Whether members travel by position instead of by name.</param>
/// <param name="IsImmutable">Whether local calls may share it.</param>
/// <param name="Members">The members, in the order they travel.</param>
/// <param name="ConstructorMembers">Which members the constructor takes, by index, in its order.</param>
/// <param name="Cases">For a union: the types it can be.</param>
internal sealed record ShapeModel(
    string Type,
    string FormatterName,
    bool IsReference,
    bool IsArray,
    bool IsImmutable,
    EquatableArray<MemberModel> Members,
    EquatableArray<int> ConstructorMembers,
    EquatableArray<CaseModel> Cases);

/// <summary>One member.</summary>
/// <param name="Name">Its name in C#, escaped.</param>
/// <param name="Key">Its name on the wire.</param>
/// <param name="Position">Its place in an array.</param>
/// <param name="Value">How it travels.</param>
internal sealed record MemberModel(string Name, string Key, int Position, ValueModel Value);

/// <summary>One case of a union.</summary>
/// <param name="Key">Its number.</param>
/// <param name="Value">How it travels.</param>
internal sealed record CaseModel(int Key, ValueModel Value);
