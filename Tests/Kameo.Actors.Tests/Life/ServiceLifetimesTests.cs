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

    [Fact]
    public void A_service_that_is_made_with_a_keyed_one_of_its_own_type_needs_the_scope_of_that()
    {
        Assert.True(NeedsScope<ISource>(null, static services => services.AddKeyedScoped<ISource, Source>("inner").AddTransient<ISource, CachingSource>()));
        Assert.False(NeedsScope<ISource>(null, static services => services.AddKeyedTransient<ISource, Source>("inner").AddTransient<ISource, CachingSource>()));
    }

    [Fact]
    public void A_service_that_is_made_with_one_of_its_own_key_needs_the_scope_of_that()
    {
        Assert.True(NeedsScope<KeyHolder>("a", static services => services.AddKeyedScoped<ISource, Source>("a").AddKeyedTransient<KeyHolder>("a")));
        Assert.True(NeedsScope<KeyHolder>("a", static services => services.AddKeyedScoped<ISource, Source>("a").AddKeyedTransient<KeyHolder>(KeyedService.AnyKey)));
        Assert.False(NeedsScope<KeyHolder>("b", static services => services.AddKeyedScoped<ISource, Source>("a").AddKeyedTransient<ISource, Source>("b").AddKeyedTransient<KeyHolder>("b")));
    }

    [Fact]
    public void All_services_of_a_type_need_a_scope_if_an_open_generic_one_does()
    {
        Assert.True(NeedsScope<IEnumerable<IStore<int>>>(null, static services => services.AddScoped(typeof(IStore<>), typeof(Store<>))));
        Assert.True(NeedsScope<IEnumerable<IStore<int>>>(null, static services => services.AddScoped(typeof(IStore<>), typeof(Store<>)).AddSingleton<IStore<int>, Store<int>>()));
        Assert.False(NeedsScope<IEnumerable<IStore<int>>>(null, static services => services.AddSingleton(typeof(IStore<>), typeof(Store<>))));
    }

    [Fact]
    public void The_services_of_all_keys_need_a_scope_if_one_of_a_key_does()
    {
        Assert.True(NeedsScope<IEnumerable<ISource>>(KeyedService.AnyKey, static services => services.AddKeyedScoped<ISource, Source>("a").AddKeyedSingleton<ISource, Source>("b")));
        Assert.False(NeedsScope<IEnumerable<ISource>>(KeyedService.AnyKey, static services => services.AddKeyedSingleton<ISource, Source>("b").AddScoped<ISource, Source>()));
    }

    [Fact]
    public void A_service_of_a_key_comes_before_one_of_any_key()
    {
        Assert.True(NeedsScope<ISource>("a", static services => services.AddKeyedScoped<ISource, Source>("a").AddKeyedSingleton<ISource, Source>(KeyedService.AnyKey)));
        Assert.False(NeedsScope<ISource>("b", static services => services.AddKeyedScoped<ISource, Source>("a").AddKeyedSingleton<ISource, Source>(KeyedService.AnyKey)));
    }

    private static bool NeedsScope<T>(object? key, Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        using ServiceProvider root = services.BuildServiceProvider(validateScopes: true);
        using IServiceScope scope = root.CreateScope();
        Assert.NotNull(key is null ? scope.ServiceProvider.GetService(typeof(T)) : scope.ServiceProvider.GetRequiredKeyedService(typeof(T), key));
        bool isRefused = Record.Exception(() => key is null ? root.GetService(typeof(T)) : root.GetRequiredKeyedService(typeof(T), key)) is InvalidOperationException;
        bool needs = new ServiceLifetimes(root, services).NeedsScope(typeof(T), key);
        Assert.Equal(isRefused, needs); // As the container sees it, which refuses scoped services without a scope.
        return needs;
    }

    public sealed class Session
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    public sealed class Locator(IServiceProvider services)
    {
        public Session Session => services.GetRequiredService<Session>();
    }

    public interface ISource;

    public sealed class Source : ISource;

    public sealed class CachingSource([FromKeyedServices("inner")] ISource inner) : ISource
    {
        public ISource Inner => inner;
    }

    public sealed class KeyHolder([FromKeyedServices] ISource source)
    {
        public ISource Source => source;
    }

    public interface IStore<T>;

    public sealed class Store<T> : IStore<T>;

    public sealed class LocatingActor(Locator locator) : Actor, ILocating
    {
        public ValueTask<Guid> Session() => new(locator.Session.Id);
    }
}

public interface ILocating : IGrainWithStringKey
{
    ValueTask<Guid> Session();
}
