using System.Numerics;
using System.Reflection;
using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Collection;
using Kameo.Actors.Hosting;
using Kameo.Actors.Placement;
using Kameo.Actors.Slots;
using Kameo.Actors.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace Kameo.Actors.Activations;

/// <summary>On what terms a node runs the actors of one class: their age, what becomes of them when they fail, how they are constructed. Worked out once, at the class's first activation; thread safe.</summary>
internal sealed class ClassTerms
{
    private readonly string? _wrong;
    private volatile Needs _needs;
    private volatile OwnCode _begin;
    private volatile OwnCode _end;
    private TypeGroup? _group;
    private int _hasSaidPredicateFailed;

    /// <summary>Works them out.</summary>
    public ClassTerms(ActorNode node, ActorClass @class)
    {
        Node = node;
        Class = @class;
        Options = @class.Options;
        HasInterleaving = @class.HasInterleaving;
        IsFiltered = (node.IncomingFilters.Length != 0 && !@class.AnswersAll) || @class.IsFilter;
        bool isPlain = node.OutgoingFilters is null && !IsFiltered && !@class.AnswersAll && @class.WorkersMax == 0;
        TakesTells = isPlain && @class.MayInterleave is null;
        CountMask = @class.WorkersMax != 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(node.Options.MailboxCapacity / 16, 1, 64)) - 1;
        InlinesAsks = isPlain && node.Options.InlineLocalAsks && !@class.Type.IsDefined(typeof(QueueLocalAsksAttribute), inherit: true);
        Placement = PlacementTerms.Of(node.Options, @class.Type);
        CollectionAge = node.Options.CollectionAge;
        Failure = FailureTerms.Default;
        try
        {
            CollectionAge = AgeOf(node.Options, @class.Type);
            Failure = @class.Type.GetCustomAttribute<OnFailureAttribute>(inherit: true) is { } attribute ? FailureTerms.Of(attribute, @class.Type) : Failure;
        }
        catch (InvalidOperationException exception)
        {
            _wrong = exception.Message; // Told to whoever calls: its actors cannot be activated.
        }

        CollectionAgeMilliseconds = (long)CollectionAge.TotalMilliseconds;
    }

    private enum Needs
    {
        Unknown,
        NoScope,
        Scope,

        /// <summary>A scope when the actor asks its provider for something that needs one.</summary>
        Provider,
    }

    private enum OwnCode
    {
        Unknown,
        Nothing,
        Something,
    }

    /// <summary>The node.</summary>
    public ActorNode Node { get; }

    /// <summary>The class.</summary>
    public ActorClass Class { get; }

    /// <summary>What its attributes say.</summary>
    public ActorClassOptions Options { get; }

    /// <summary>Whether a call of it may ever start beside another one.</summary>
    public bool HasInterleaving { get; }

    /// <summary>The predicate of its calls; null for none.</summary>
    public Func<IActorRequest, bool>? MayInterleave => Class.MayInterleave;

    /// <summary>Whether call filters run around its turns.</summary>
    public bool IsFiltered { get; }

    /// <summary>Whether local tells need no call object: nothing looks at them on their way.</summary>
    public bool TakesTells { get; }

    /// <summary>An executor says how many calls it has taken when these bits of the count are 0: once in a sixteenth of the mailbox, and in 64 at least; for each call of a worker, since who looks for an idle one compares the counts.</summary>
    public int CountMask { get; }

    /// <summary>Whether local asks may run on their caller's stack.</summary>
    public bool InlinesAsks { get; }

    /// <summary>Whether an activation has anything of the user's to run when it ends: disposal, or an <see cref="Actor.OnDeactivateAsync"/> of its own. Any thread.</summary>
    public bool HasEnd(Actor actor)
    {
        if (_end == OwnCode.Unknown)
        {
            bool overrides = ((Func<DeactivationReason, CancellationToken, ValueTask>)actor.OnDeactivateAsync).Method.DeclaringType != typeof(Actor);
            _end = overrides || actor is IDisposable or IAsyncDisposable ? OwnCode.Something : OwnCode.Nothing;
        }

        return _end == OwnCode.Something;
    }

    /// <summary>Whether an activation has an <see cref="Actor.OnActivateAsync"/> of its own. Any thread.</summary>
    public bool HasBegin(Actor actor)
    {
        if (_begin == OwnCode.Unknown)
        {
            bool overrides = ((Func<CancellationToken, ValueTask>)actor.OnActivateAsync).Method.DeclaringType != typeof(Actor);
            _begin = overrides ? OwnCode.Something : OwnCode.Nothing;
        }

        return _begin == OwnCode.Something;
    }

    /// <summary>Whether an actor may be constructed on the stack of a caller whose ask it runs there: an earlier one has shown that this runs the constructor and nothing else of the user's, and constructors have been short. Any thread.</summary>
    public bool BeginsInline => InlinesAsks && _begin == OwnCode.Nothing && !ConstructorPace.IsLong && (Node.ServiceLifetimes is null || _needs == Needs.NoScope);

    /// <summary>Whether its constructors have been short.</summary>
    public MethodPace ConstructorPace { get; } = new();

    /// <summary>Where its actors run.</summary>
    public PlacementTerms Placement { get; }

    /// <summary>Where slots of the class stand, as last looked up; any thread.</summary>
    public TypeGroup? Group
    {
        get => Volatile.Read(ref _group);
        set => Volatile.Write(ref _group, value);
    }

    /// <summary>How long an activation is left alone before it is collected.</summary>
    public TimeSpan CollectionAge { get; }

    /// <inheritdoc cref="CollectionAge"/>
    public long CollectionAgeMilliseconds { get; }

    /// <summary>What becomes of an activation that fails.</summary>
    public FailureTerms Failure { get; }

    /// <summary>Its predicate has thrown. Any thread.</summary>
    /// <returns>Whether that is to be said: the first time only.</returns>
    public bool IsFirstFailureOfPredicate() => Interlocked.Exchange(ref _hasSaidPredicateFailed, 1) == 0;

    /// <summary>Constructs an actor, with a scope if its class asks for services that need one; the scope is left in <paramref name="scope"/> also when this throws.</summary>
    public Actor Construct(Activation activation, out IAsyncDisposable? scope)
    {
        scope = null;
        if (_wrong is not null)
        {
            throw new InvalidOperationException(_wrong);
        }

        if (Node.ServiceLifetimes is not { } lifetimes || _needs == Needs.NoScope)
        {
            return Actor.Construct(activation, Class.Create, Node.Services);
        }

        if (_needs == Needs.Scope)
        {
            AsyncServiceScope made = lifetimes.Root.CreateAsyncScope();
            scope = made;
            return Actor.Construct(activation, Class.Create, new NodeServices(Node, made.ServiceProvider));
        }

        // The first one shows what the class asks for.
        var asked = new LazyScope(Node, lifetimes);
        try
        {
            Actor actor = Actor.Construct(activation, Class.Create, asked);
            _needs = asked.IsOpen ? Needs.Scope : asked.WasHandedOut ? Needs.Provider : Needs.NoScope;
            return actor;
        }
        finally
        {
            scope = asked.IsOpen || asked.WasHandedOut ? asked : null;
        }
    }

    private static TimeSpan AgeOf(ActorNodeOptions options, Type type)
    {
        if (options.ClassSpecificCollectionAge.TryGetValue(type, out TimeSpan age))
        {
            return age;
        }

        if ((type.GetCustomAttribute<CollectionAgeLimitAttribute>(inherit: true)?.Age ?? OrleansAge.Of(type)) is not { } said)
        {
            return options.CollectionAge;
        }

        return said > TimeSpan.Zero ? said : throw new InvalidOperationException($"[CollectionAgeLimit] of {type}: the age is positive, not {said}.");
    }
}
