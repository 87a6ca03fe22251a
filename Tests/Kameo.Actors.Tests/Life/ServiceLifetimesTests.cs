using Kameo.Actors.Hosting;
using Kameo.Actors.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>Services that need a scope only by what they are made of.</summary>
public sealed class ServiceLifetimesTests
{
    [Fact]
    public async Task A_transient_service_that_is_given_a_provider_is_given_that_of_the_scope()
    {
        var services = new ServiceCollection();
        services.AddScoped<Session>();
        services.AddTransient<Locator>();
        await using ServiceProvider root = services.BuildServiceProvider(validateScopes: true);
        await using TestCluster cluster = await TestCluster.StartAsync(configure: options =>
        {
            options.Services = root;
            options.ServiceDescriptors = services;
        });
        ILocating first = cluster.Nodes[0].Get<ILocating>("a");
        Guid of = await first.Session();
        Assert.Equal(of, await first.Session());
        Assert.NotEqual(of, await cluster.Nodes[0].Get<ILocating>("b").Session());
    }

    public sealed class Session
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    public sealed class Locator(IServiceProvider services)
    {
        public Session Session => services.GetRequiredService<Session>();
    }

    public sealed class LocatingActor(Locator locator) : Actor, ILocating
    {
        public ValueTask<Guid> Session() => new(locator.Session.Id);
    }
}

public interface ILocating : IGrainWithStringKey
{
    ValueTask<Guid> Session();
}
