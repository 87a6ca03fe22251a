using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Diagnostics;

/// <summary>Everything the generator refuses, each with its fix in <c>Generators/README.md</c>.</summary>
internal static class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor NotAsync = Error(
        "KAMEO001", "Actor methods are asynchronous", "'{0}' must return Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>");

    public static readonly DiagnosticDescriptor ByReference = Error(
        "KAMEO002", "Arguments travel by value", "The parameter '{1}' of '{0}' is passed by reference");

    public static readonly DiagnosticDescriptor GenericMethod = Error(
        "KAMEO003", "Actor methods are not generic", "'{0}' has type parameters; formatters are made for types known at compile time");

    public static readonly DiagnosticDescriptor NotAMethod = Error(
        "KAMEO004", "Actor interfaces have methods only", "'{0}' is a property, an event or a static abstract member; a call of an actor is a method");

    public static readonly DiagnosticDescriptor NotSerialisable = Error(
        "KAMEO005", "A type that cannot travel", "'{0}' uses the type '{1}', which cannot travel: {2}");

    public static readonly DiagnosticDescriptor MethodCollision = Error(
        "KAMEO006", "Two methods have one id", "'{0}' and '{1}' have the same id, of which cancellation tokens, nullable annotations and names of parameters are no part; rename one, or leave one out");

    public static readonly DiagnosticDescriptor KeyCollision = Error(
        "KAMEO007", "Two members have one key", "Two members of '{0}' have the key '{1}'");

    public static readonly DiagnosticDescriptor NotConstructible = Error(
        "KAMEO008", "An actor class that cannot be constructed", "'{0}' has no constructor that the generated registration can call");

    public static readonly DiagnosticDescriptor NoInterface = new(
        "KAMEO009", "An actor class without an interface", "'{0}' implements no actor interface; nobody can call it", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NotAccessible = Error(
        "KAMEO010", "Generated code cannot see the type", "'{0}' must be public or internal, and so must the types around it");

    public static readonly DiagnosticDescriptor NoForm = Error(
        "KAMEO011", "A form that is none", "'{0}' is no generic actor interface or class with all its type arguments");

    public static readonly DiagnosticDescriptor CancellationNotLast = Error(
        "KAMEO012", "The cancellation token comes last", "'{0}' has a CancellationToken that is not its last parameter");

    public static readonly DiagnosticDescriptor OneWayResult = Error(
        "KAMEO013", "A one-way method has no result", "'{0}' is marked [OneWay] and returns a result");

    public static readonly DiagnosticDescriptor BadTimeout = Error(
        "KAMEO014", "The ask time-out is not a positive time span", "The [AskTimeout] of '{0}' is '{1}'; write it as hh:mm:ss");

    public static readonly DiagnosticDescriptor SeveralKeys = Error(
        "KAMEO015", "An actor interface has one kind of key", "'{0}' derives from more than one key marker");

    public static readonly DiagnosticDescriptor NoRuntime = Error(
        "KAMEO016", "The runtime is not referenced", "The project has actor types but does not reference Kameo.Actors; nothing is generated");

    public static readonly DiagnosticDescriptor RequiredMembers = Error(
        "KAMEO017", "An actor class with required members", "'{0}' has the required member '{1}', which the constructor that the generated registration calls does not set");

    public static readonly DiagnosticDescriptor NotHonoured = new(
        "KAMEO018", "An attribute that does nothing yet", "'{0}' is marked [{1}], which the runtime does not honour yet", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor BadPayload = Error(
        "KAMEO019", "A payload of values that do not travel as they are in memory", "'{0}' has a payload of '{1}', which is not the same on every machine or not safe to read from any bytes: {2}");

    public static readonly DiagnosticDescriptor PaddedPayload = Error(
        "KAMEO020", "A payload of values with padding", "'{0}' has a payload of '{1}' with bytes that are no part of it, which would be sent as whatever the memory held: {2}");

    public static readonly DiagnosticDescriptor OtherRequestContext = new(
        "KAMEO021", "A request context that does not travel", "What is set in Orleans.Runtime.RequestContext goes with no call; use Kameo.Actors.RequestContext", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoPredicate = Error(
        "KAMEO022", "A predicate that cannot be asked", "'{0}' is marked [MayInterleave(\"{1}\")], and neither it nor a class that it derives from has a static method '{1}' that takes one IActorRequest, returns bool, and is public or internal");

    public static readonly DiagnosticDescriptor OtherGrain = new(
        "KAMEO023", "A class of Orleans' runtime", "'{0}' derives from Orleans.Grain, which no node hosts; derive from Kameo.Actors.Actor", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NotTravelling = Error(
        "KAMEO024", "An exception that cannot travel", "'{0}' is marked [Travels], but {1}");

    public static readonly DiagnosticDescriptor NotGenerated = new(
        "KAMEO025", "An actor interface whose project has no generator", "'{0}' is of the assembly '{1}', which is not compiled with the Kameo.Actors generator; nobody can call actors by it unless a project names that assembly with [ActorContracts]", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor NoContracts = new(
        "KAMEO026", "Contracts that are not generated", "Nothing is generated for {0}: {1}", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    private const string Category = "Kameo.Actors";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyDictionary<string, DiagnosticDescriptor> ById = new[]
    {
        NotAsync, ByReference, GenericMethod, NotAMethod, NotSerialisable, MethodCollision, KeyCollision, NotConstructible, NoInterface, NotAccessible, NoForm,
        CancellationNotLast, OneWayResult, BadTimeout, SeveralKeys, NoRuntime, RequiredMembers, NotHonoured, BadPayload, PaddedPayload, OtherRequestContext, NoPredicate, OtherGrain, NotTravelling, NotGenerated, NoContracts,
    }.ToDictionary(static descriptor => descriptor.Id);

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
