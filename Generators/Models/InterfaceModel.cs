namespace Kameo.Actors.Generators.Models;

/// <summary>An actor interface and all its methods, inherited ones included.</summary>
/// <param name="TypeName">With <c>global::</c>.</param>
/// <param name="TellName">The name of its tells.</param>
/// <param name="HasTells">Whether they are written: not where another project's can be used.</param>
/// <param name="Namespace">Where users see it; empty for the global one.</param>
/// <param name="WireName">Full name or alias.</param>
/// <param name="Room">The part of the namespace of its generated code that is its own.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
/// <param name="KeyKind">The member of <c>ActorKeyKind</c>.</param>
/// <param name="SchemaHash">Over all methods and types.</param>
/// <param name="HasReferences">Whether arguments or results hold references to actors.</param>
/// <param name="HasPayloads">Whether arguments or results hold payloads.</param>
/// <param name="IsObserver">Whether it is of local objects instead of actors.</param>
/// <param name="Methods">The methods.</param>
internal sealed record InterfaceModel(
    string TypeName, string TellName, bool HasTells, string Namespace, string WireName, string Room, string Accessibility, string KeyKind, ulong SchemaHash, bool HasReferences, bool HasPayloads, bool IsObserver, EquatableArray<MethodModel> Methods);

/// <summary>What the registration needs of an actor interface: an edit of its methods does not change it.</summary>
/// <param name="WireName">Full name or alias.</param>
/// <param name="Room">The part of the namespace of its generated code that is its own.</param>
internal sealed record RegisteredInterface(string WireName, string Room);

/// <summary>One method.</summary>
/// <param name="Name">Its name.</param>
/// <param name="UniqueName">The same, with a number where overloads share it.</param>
/// <param name="DeclaringType">The interface that declares it, with <c>global::</c>.</param>
/// <param name="Id">The stable hash.</param>
/// <param name="Options">An expression of <c>ActorMethodOptions</c>.</param>
/// <param name="AskTimeoutTicks">The time-out in ticks, or null.</param>
/// <param name="Return">What it returns.</param>
/// <param name="ReturnType">As declared, for the implementation.</param>
/// <param name="Result">The result; null for none.</param>
/// <param name="Parameters">All parameters.</param>
internal sealed record MethodModel(
    string Name,
    string UniqueName,
    string DeclaringType,
    uint Id,
    string Options,
    long? AskTimeoutTicks,
    ReturnKind Return,
    string ReturnType,
    ValueModel? Result,
    EquatableArray<ParameterModel> Parameters)
{
    /// <summary>The name as C# writes it.</summary>
    public string Identifier => Parsing.Naming.Escape(Name);

    public bool IsOneWay => Options.Contains("OneWay");

    /// <summary>Those that travel.</summary>
    public IEnumerable<ParameterModel> Arguments => Parameters.Where(static parameter => !parameter.IsCancellation);
}

/// <summary>One parameter.</summary>
/// <param name="Name">Its name, escaped.</param>
/// <param name="DeclaredType">As declared, nullable annotations included.</param>
/// <param name="Modifiers">What a tell repeats of it before its type: <c>params</c>, and attributes that the compiler acts on.</param>
/// <param name="Default">Its default as C# writes it; null for none.</param>
/// <param name="Value">How it travels; null for a cancellation token.</param>
internal sealed record ParameterModel(string Name, string DeclaredType, string Modifiers, string? Default, ValueModel? Value)
{
    public bool IsCancellation => Value is null;

    /// <summary>The field of the call that holds it.</summary>
    public string Field => "_" + Name.TrimStart('@');
}

/// <summary>A value that travels.</summary>
/// <param name="Type">Its type, with <c>global::</c>.</param>
/// <param name="Formatter">The type of its formatter.</param>
internal sealed record ValueModel(string Type, string Formatter);

/// <summary>What a method returns.</summary>
internal enum ReturnKind
{
    Task,
    TaskOfResult,
    ValueTask,
    ValueTaskOfResult,

    /// <summary>Items that come one after the other.</summary>
    Items,

    /// <summary>Nothing: only observers have such methods.</summary>
    Void,
}
