using System.Collections.Frozen;
using System.ComponentModel;
using Kameo.Actors.Calls;
using Kameo.Actors.Placement;

namespace Kameo.Actors.Catalog;

/// <summary>One actor class as the generator found it: its wire name, the interfaces it answers, how to construct it. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ActorClass
{
    private readonly Lazy<bool> _hasInterleaving;
    private readonly FrozenSet<Type> _interfaces;

    /// <summary>Describes a class; called by generated code.</summary>
    /// <param name="type">The class, deriving from <see cref="Actor"/>.</param>
    /// <param name="name">Its wire name: full name or alias. It is the type part of the ids of its actors.</param>
    /// <param name="create">Constructs an instance, its constructor's parameters resolved from the services given.</param>
    /// <param name="options">What its attributes say.</param>
    /// <param name="interfaces">Every actor interface it implements, by type.</param>
    public ActorClass(Type type, string name, Func<IServiceProvider, Actor> create, ActorClassOptions options, params Type[] interfaces)
    {
        Type = type;
        Name = name;
        NameHash = name.GetHashCode();
        Slots = new ClassSlots(name);
        Create = create;
        Options = options;
        Interfaces = interfaces;
        IsFilter = typeof(IIncomingActorCallFilter).IsAssignableFrom(type);
        _interfaces = interfaces.ToFrozenSet();
        _hasInterleaving = new Lazy<bool>(FindInterleaving);
        WorkersMax = Workers.WorkerTerms.MaxOf(type);
    }

    /// <summary>The class.</summary>
    public Type Type { get; }

    /// <summary>Its wire name.</summary>
    public string Name { get; }

    /// <summary>What its attributes say.</summary>
    public ActorClassOptions Options { get; }

    /// <summary>Every actor interface it implements.</summary>
    public IReadOnlyList<Type> Interfaces { get; }

    /// <summary>What <c>[MayInterleave]</c> names: whether a call may start beside turns that wait; null for nothing.</summary>
    public Func<IActorRequest, bool>? MayInterleave { get; init; }

    internal Func<IServiceProvider, Actor> Create { get; }

    /// <summary>The hash of its wire name, in this process.</summary>
    internal int NameHash { get; }

    /// <summary>The slots of its actors.</summary>
    internal ClassSlots Slots { get; }

    /// <summary>Most activations of one of its actors on each node, where it is a stateless worker; 0: it is none.</summary>
    internal int WorkersMax { get; }

    /// <summary>Whether it filters its own calls.</summary>
    internal bool IsFilter { get; }

    /// <summary>Whether it has an interface.</summary>
    internal bool Answers(Type @interface) => AnswersAll || _interfaces.Contains(@interface);

    /// <summary>Whether each of its actors has interfaces of its own, which a call finds out.</summary>
    internal bool AnswersAll { get; init; }

    /// <summary>Whether a call may ever start beside another one.</summary>
    internal bool HasInterleaving => _hasInterleaving.Value;

    private bool FindInterleaving() =>
        (Options & ActorClassOptions.Reentrant) != 0
        || MayInterleave is not null
        || Interfaces.Any(static type => ActorCatalog.Find(type)?.Methods.Any(static method =>
            (method.Options & (ActorMethodOptions.ReadOnly | ActorMethodOptions.AlwaysInterleave)) != 0) == true);
}
