using System.Collections.Frozen;
using System.ComponentModel;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Catalog;

/// <summary>One actor interface as the generator found it: its wire name, its methods, how to make a reference. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ActorInterface
{
    private readonly FrozenDictionary<uint, ActorMethod> _byId;

    /// <summary>Describes an interface; called by generated code.</summary>
    /// <param name="type">The interface.</param>
    /// <param name="name">Its wire name: full name or alias.</param>
    /// <param name="schemaHash">A hash over the wire name and the signature of every method; differs when two builds would not understand each other.</param>
    /// <param name="key">Which key marker it derives from.</param>
    /// <param name="createReference">Makes a reference from a seed.</param>
    /// <param name="methods">All methods, inherited ones included; ids are distinct.</param>
    public ActorInterface(
        Type type, string name, ulong schemaHash, ActorKeyKind key, Func<ActorReferenceSeed, ActorReference> createReference, params ActorMethod[] methods)
    {
        Type = type;
        Name = name;
        SchemaHash = schemaHash;
        Key = key;
        CreateReference = createReference;
        Methods = methods;
        foreach (ActorMethod method in methods)
        {
            method.BindTo(this);
        }

        _byId = methods.ToFrozenDictionary(static method => method.Id);
    }

    /// <summary>The interface.</summary>
    public Type Type { get; }

    /// <summary>Its wire name.</summary>
    public string Name { get; }

    /// <summary>The hash of its contract.</summary>
    public ulong SchemaHash { get; }

    /// <summary>Which key marker it derives from.</summary>
    public ActorKeyKind Key { get; }

    /// <summary>All methods, inherited ones included.</summary>
    public IReadOnlyList<ActorMethod> Methods { get; }

    internal Func<ActorReferenceSeed, ActorReference> CreateReference { get; }

    internal ActorMethod? FindMethod(uint id) => _byId.GetValueOrDefault(id);
}
