using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace Kameo.Actors.Hosting;

/// <summary>Which services must be resolved from a scope: read from the descriptors they were built from. Thread safe; each type is looked at once.</summary>
/// <remarks>
/// Scoped ones; transient ones that are disposable (the root would keep them until the process ends), or that are constructed with such or scoped ones, or made by a factory or constructed with an <see cref="IServiceProvider"/>,
/// which may do either. Never singletons, nor an actor's own <see cref="IServiceProvider"/>: it opens one when it is asked for something that needs it (<see cref="LazyScope"/>).
/// </remarks>
/// <param name="root">The services.</param>
/// <param name="descriptors">What they were built from.</param>
internal sealed class ServiceLifetimes(IServiceProvider root, IEnumerable<ServiceDescriptor> descriptors)
{
    private readonly ServiceDescriptor[] _descriptors = [.. descriptors];
    private readonly ConcurrentDictionary<(Type Type, object? Key), bool> _known = new();

    /// <summary>The services.</summary>
    public IServiceProvider Root => root;

    /// <summary>Whether a service needs a scope.</summary>
    /// <param name="type">The service.</param>
    /// <param name="key">Its key, if it has one.</param>
    public bool NeedsScope(Type type, object? key)
    {
        if (!_known.TryGetValue((type, key), out bool needs))
        {
            needs = Look(type, key, []);
            _known[(type, key)] = needs;
        }

        return needs;
    }

    /// <param name="type">The service.</param>
    /// <param name="key">Its key, if it has one.</param>
    /// <param name="on">The services on the way here: a circle among them is the container's to report.</param>
    private bool Look(Type type, object? key, HashSet<(Type Type, object? Key)> on)
    {
        if (!on.Add((type, key)))
        {
            return false;
        }

        try
        {
            if (Find(type, key) is { } found)
            {
                return NeedsScope(found, key, on);
            }

            if (!type.IsConstructedGenericType)
            {
                return false;
            }

            Type open = type.GetGenericTypeDefinition();
            if (Find(open, key) is { } generic)
            {
                return NeedsScope(generic, key, on);
            }

            return open == typeof(IEnumerable<>)
                && _descriptors.Any(one => IsAmong(one, type.GenericTypeArguments[0], key) && NeedsScope(one, IsAny(key) ? one.ServiceKey : key, on));
        }
        finally
        {
            on.Remove((type, key));
        }
    }

    private bool NeedsScope(ServiceDescriptor found, object? key, HashSet<(Type Type, object? Key)> on)
    {
        if (found.Lifetime != ServiceLifetime.Transient)
        {
            return found.Lifetime == ServiceLifetime.Scoped;
        }

        // The constructor of an open generic one cannot be looked at without making the closed type: a scope is the safe side.
        return found.ServiceType.IsGenericTypeDefinition
            || (found.IsKeyedService ? found.KeyedImplementationType : found.ImplementationType) is not { } made
            || typeof(IDisposable).IsAssignableFrom(made)
            || typeof(IAsyncDisposable).IsAssignableFrom(made)
            || made.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(IServiceProvider) || Look(parameter.ParameterType, KeyOf(parameter, key), on)));
    }

    /// <summary>Under what key a parameter is looked up: its own, or where it says so that of the service which it is for.</summary>
    private static object? KeyOf(System.Reflection.ParameterInfo parameter, object? key) =>
        parameter.GetCustomAttributes(typeof(FromKeyedServicesAttribute), inherit: false) is not [FromKeyedServicesAttribute marked, ..] ? null
        : marked.LookupMode == ServiceKeyLookupMode.InheritKey ? key
        : marked.Key;

    /// <summary>Of several of one type the last counts, of those of a key before those of any.</summary>
    private ServiceDescriptor? Find(Type type, object? key) =>
        _descriptors.LastOrDefault(one => IsOf(one, type, key) && (key is null || Equals(one.ServiceKey, key))) ?? _descriptors.LastOrDefault(one => IsOf(one, type, key));

    /// <summary>Whether it is one of all those of a type.</summary>
    private static bool IsAmong(ServiceDescriptor one, Type type, object? key) => IsAny(key)
        ? one.IsKeyedService && (one.ServiceType == type || (type.IsConstructedGenericType && one.ServiceType == type.GetGenericTypeDefinition()))
        : IsOf(one, type, key) || (type.IsConstructedGenericType && IsOf(one, type.GetGenericTypeDefinition(), key));

    private static bool IsAny(object? key) => Equals(key, KeyedService.AnyKey);

    private static bool IsOf(ServiceDescriptor one, Type type, object? key) =>
        one.ServiceType == type && (key is null ? !one.IsKeyedService : one.IsKeyedService && (Equals(one.ServiceKey, key) || Equals(one.ServiceKey, KeyedService.AnyKey)));
}
