using System.Diagnostics.CodeAnalysis;
using Kameo.Actors;

// Where users look for it.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds call filters to the services of a host: its node runs them around all calls.</summary>
public static class CallFilterServices
{
    /// <summary>Adds a filter of the calls that the node's actors get. One instance, made when the node starts.</summary>
    public static IServiceCollection AddIncomingActorCallFilter<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFilter>(this IServiceCollection services)
        where TFilter : class, IIncomingActorCallFilter => services.AddSingleton<IIncomingActorCallFilter, TFilter>();

    /// <summary>Adds a method as a filter of the calls that the node's actors get.</summary>
    public static IServiceCollection AddIncomingActorCallFilter(this IServiceCollection services, Func<IIncomingActorCallContext, Task> filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return services.AddSingleton<IIncomingActorCallFilter>(new Incoming(filter));
    }

    /// <summary>Adds a filter of the calls made through the node's references. One instance, made when the node starts.</summary>
    public static IServiceCollection AddOutgoingActorCallFilter<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFilter>(this IServiceCollection services)
        where TFilter : class, IOutgoingActorCallFilter => services.AddSingleton<IOutgoingActorCallFilter, TFilter>();

    /// <summary>Adds a method as a filter of the calls made through the node's references.</summary>
    public static IServiceCollection AddOutgoingActorCallFilter(this IServiceCollection services, Func<IOutgoingActorCallContext, Task> filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return services.AddSingleton<IOutgoingActorCallFilter>(new Outgoing(filter));
    }

    private sealed class Incoming(Func<IIncomingActorCallContext, Task> filter) : IIncomingActorCallFilter
    {
        public Task Invoke(IIncomingActorCallContext context) => filter(context);
    }

    private sealed class Outgoing(Func<IOutgoingActorCallContext, Task> filter) : IOutgoingActorCallFilter
    {
        public Task Invoke(IOutgoingActorCallContext context) => filter(context);
    }
}
