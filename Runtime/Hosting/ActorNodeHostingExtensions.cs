using Kameo.Actors.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

// Where users look for it.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Runs a node in the generic host.</summary>
public static class ActorNodeHostingExtensions
{
    /// <summary>Adds a node that starts and stops with the host, and <see cref="Kameo.Actors.IActors"/> to inject. Actors' constructors get their parameters from the host's services.</summary>
    /// <remarks>
    /// When the host stops, the node drains within <see cref="Kameo.Actors.ActorNodeOptions.DrainTimeout"/> and the host's shutdown time-out, whichever is shorter. <see cref="ActorNodeHealthCheck"/> tells a
    /// health endpoint of it. A class whose constructor asks for a scoped service gets a scope for each activation: <see cref="Kameo.Actors.ActorNodeOptions.ServiceDescriptors"/>.
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options. What is wrong with them is reported before anything of the host starts, every error at once, as an <see cref="OptionsValidationException"/>.</param>
    public static IServiceCollection AddActorNode(this IServiceCollection services, Action<Kameo.Actors.ActorNodeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<Kameo.Actors.ActorNodeOptions>()
            .Configure<IServiceProvider>((options, provider) =>
            {
                options.Services = provider;
                options.ServiceDescriptors = services;
                options.LoggerFactory = provider.GetService<ILoggerFactory>();
                options.TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            })
            .Configure(configure)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<Kameo.Actors.ActorNodeOptions>, OptionsValidation>());
        services.TryAddSingleton(static provider => new Kameo.Actors.ActorNode(provider.GetRequiredService<IOptions<Kameo.Actors.ActorNodeOptions>>().Value));
        services.TryAddSingleton<Kameo.Actors.IActors>(static provider => provider.GetRequiredService<Kameo.Actors.ActorNode>());
        services.AddHostedService<HostedActorNode>();
        return services;
    }
}
