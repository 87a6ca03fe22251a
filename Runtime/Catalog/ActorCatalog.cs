using System.Collections.Concurrent;
using System.ComponentModel;
using Kameo.Actors.Observers;

namespace Kameo.Actors.Catalog;

/// <summary>Every actor interface and class, and every exception that travels, that generated code has registered in this process. Thread safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ActorCatalog
{
    private static readonly ConcurrentDictionary<Type, ActorInterface> s_interfaces = new();
    private static readonly ConcurrentDictionary<string, ActorInterface> s_interfacesByName = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, ActorClass> s_classes = new(StringComparer.Ordinal);

    private static readonly ConcurrentDictionary<Type, ExceptionForm> s_exceptions = new();
    private static readonly ConcurrentDictionary<string, ExceptionForm> s_exceptionsByName = new(StringComparer.Ordinal);

    /// <summary>The classes registered so far.</summary>
    public static IEnumerable<ActorClass> Classes => s_classes.Values;

    /// <summary>Adds an interface; the same one again changes nothing.</summary>
    /// <exception cref="InvalidOperationException">Another interface has the same wire name.</exception>
    public static void Add(ActorInterface @interface)
    {
        ActorInterface known = s_interfacesByName.GetOrAdd(@interface.Name, @interface);
        if (known.Type != @interface.Type)
        {
            throw new InvalidOperationException($"Two actor interfaces have the wire name '{@interface.Name}': {known.Type} and {@interface.Type}.");
        }

        s_interfaces.TryAdd(@interface.Type, known);
    }

    /// <summary>Adds a class; the same one again changes nothing.</summary>
    /// <exception cref="InvalidOperationException">Another class has the same wire name.</exception>
    public static void Add(ActorClass @class)
    {
        ActorClass known = s_classes.GetOrAdd(@class.Name, @class);
        if (known.Type != @class.Type)
        {
            throw new InvalidOperationException($"Two actor classes have the wire name '{@class.Name}': {known.Type} and {@class.Type}.");
        }
    }

    /// <summary>Adds an exception class; the same one again changes nothing.</summary>
    /// <exception cref="InvalidOperationException">Another class has the same wire name.</exception>
    public static void Add(ExceptionForm exception)
    {
        ExceptionForm known = s_exceptionsByName.GetOrAdd(exception.Name, exception);
        if (known.Type != exception.Type)
        {
            throw new InvalidOperationException($"Two exception classes have the wire name '{exception.Name}': {known.Type} and {exception.Type}.");
        }

        s_exceptions.TryAdd(exception.Type, known);
    }

    /// <exception cref="InvalidOperationException">It is not registered.</exception>
    internal static ActorInterface Get(Type type) => Find(type) ?? throw new InvalidOperationException(type.IsConstructedGenericType
        ? $"No code in this process names the form {type} of a generic actor interface. Write [assembly: ActorForm(typeof(...))] in a project that is compiled with the Kameo.Actors generator."
        : $"{type} is not registered as an actor interface. Its assembly must be compiled with the Kameo.Actors generator, or be named with [assembly: ActorContracts(typeof(...))] by one that is, and be referenced by an executable or test project that is.");

    internal static ActorInterface? Find(Type type) => s_interfaces.GetValueOrDefault(type);

    internal static ActorInterface? FindInterface(string name) => s_interfacesByName.GetValueOrDefault(name);

    internal static ExceptionForm? FindException(Type type) => s_exceptions.GetValueOrDefault(type);

    internal static ExceptionForm? FindException(string name) => s_exceptionsByName.GetValueOrDefault(name);

    internal static ActorClass? FindClass(string name) => s_classes.GetValueOrDefault(name) ?? (name == ObserverActor.ClassName ? ObserverActor.Class : null);
}
