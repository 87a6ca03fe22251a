using Kameo.Actors.Hosting;
using Kameo.Actors.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>Construction by dependency injection: a scope for each activation of a class that asks for a scoped service, and for no other.</summary>
public sealed class ScopeTests
{
    [Fact]
    public async Task A_class_that_asks_for_a_scoped_service_gets_a_scope_for_each_activation_and_it_is_disposed_after_deactivation()
    {
        string first = Journal.NewKey();
        string second = Journal.NewKey();
        await using TestCluster cluster = await StartAsync();
        int[] numbers = [await Actor(first).Number(), await Actor(second).Number(), await Actor(first).Number()];
        Assert.Equal(numbers[0], numbers[2]);
        Assert.NotEqual(numbers[0], numbers[1]);
        foreach (string key in new[] { first, second })
        {
            await Actor(key).Leave();
            Assert.Equal("deactivated", await Journal.Of(key).NextAsync());
            Assert.Equal("disposed", await Journal.Of(key).NextAsync());
        }

        Assert.NotEqual(numbers[0], await Actor(first).Number());

        IScoped Actor(string key) => cluster.Nodes[0].Get<IScoped>(key);
    }

    [Fact]
    public async Task A_disposal_that_never_ends_holds_up_the_next_activation_for_its_time_only()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options => options.DeactivationTimeout = TimeSpan.FromMilliseconds(100));
        IStuck stuck = cluster.Nodes[0].Get<IStuck>("a");
        int first = await stuck.Leave();
        Assert.NotEqual(first, await stuck.Leave().AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_class_that_asks_for_none_gets_no_scope()
    {
        await using TestCluster cluster = await StartAsync();
        for (int number = 0; number < 5; number++)
        {
            Assert.Equal(7, await cluster.Nodes[0].Get<IUnscoped>($"{number}").Number());
        }

        Assert.Equal(0, Scopes(cluster));
        await cluster.Nodes[0].Get<IScoped>(Journal.NewKey()).Number();
        Assert.Equal(1, Scopes(cluster));
    }

    [Fact]
    public async Task A_provider_beside_a_scoped_service_is_of_the_same_scope_for_the_first_actor_too()
    {
        await using TestCluster cluster = await StartAsync();
        for (int number = 0; number < 3; number++)
        {
            Assert.True(await cluster.Nodes[0].Get<IBothWays>($"{number}").IsSame());
        }
    }

    [Fact]
    public async Task A_provider_opens_a_scope_when_it_is_asked_for_a_scoped_service_and_it_is_disposed_with_its_activation()
    {
        string first = Journal.NewKey();
        string second = Journal.NewKey();
        await using TestCluster cluster = await StartAsync();
        Assert.Equal(7, await Actor(first).Single());
        Assert.Equal(7, await Actor(second).Single());
        Assert.Equal(0, Scopes(cluster));
        int[] numbers = [await Actor(first).Scoped(), await Actor(second).Scoped(), await Actor(first).Scoped()];
        Assert.Equal(numbers[0], numbers[2]);
        Assert.NotEqual(numbers[0], numbers[1]);
        Assert.Equal(2, Scopes(cluster));
        foreach (string key in new[] { first, second })
        {
            await Actor(key).Leave();
            Assert.Equal("disposed", await Journal.Of(key).NextAsync());
        }

        Assert.NotEqual(numbers[0], await Actor(first).Scoped());

        IProvided Actor(string key) => cluster.Nodes[0].Get<IProvided>(key);
    }

    [Fact]
    public async Task A_provider_that_is_kept_after_its_activation_opens_no_scope()
    {
        string key = Journal.NewKey();
        await using TestCluster cluster = await StartAsync();
        IProvided actor = cluster.Nodes[0].Get<IProvided>(key);
        Assert.Equal(7, await actor.Single());
        IServiceProvider kept = ProvidedActor.Last!;
        await actor.Leave();
        int scoped = await actor.Scoped(); // The next activation, with a provider of its own.
        Assert.NotSame(kept, ProvidedActor.Last);
        Assert.Throws<ObjectDisposedException>(() => kept.GetService<Scoped>());
        Assert.Equal(7, kept.GetRequiredService<Single>().Number);
        Assert.Equal(scoped, await actor.Scoped());
    }

    [Fact]
    public async Task The_scope_of_an_activation_that_fails_is_disposed()
    {
        string key = Journal.NewKey();
        await using TestCluster cluster = await StartAsync();
        for (int attempt = 0; attempt < 2; attempt++)
        {
            await Assert.ThrowsAsync<ActorActivationException>(async () => await cluster.Nodes[0].Get<IScopedInVain>(key).Number());
            Assert.Equal("disposed", await Journal.Of(key).NextAsync());
        }
    }

    [Fact]
    public void Which_services_need_a_scope()
    {
        ServiceCollection services = Services();
        services.AddTransient<PlainTransient>();
        services.AddTransient<DisposableTransient>();
        services.AddTransient<TransientOfScoped>();
        services.AddTransient(static _ => new MadeTransient());
        services.AddKeyedScoped<Single>("scoped");
        services.AddKeyedSingleton<Single>("single");
        services.AddTransient<TransientOfKeyed>();
        services.AddSingleton(typeof(IEquatable<>), typeof(OpenSingleton<>));
        services.AddScoped(typeof(IComparer<>), typeof(OpenScoped<>));
        using ServiceProvider root = services.BuildServiceProvider();
        var lifetimes = new ServiceLifetimes(root, services);
        Assert.All(
            new[] { typeof(Scoped), typeof(DisposableTransient), typeof(TransientOfScoped), typeof(MadeTransient), typeof(TransientOfKeyed), typeof(IComparer<int>), typeof(IEnumerable<Scoped>) },
            type => Assert.True(lifetimes.NeedsScope(type, null), $"{type} needs a scope"));
        Assert.All(
            new[] { typeof(Single), typeof(PlainTransient), typeof(IEquatable<int>), typeof(IEnumerable<Single>), typeof(IServiceProvider), typeof(string), typeof(List<int>) },
            type => Assert.False(lifetimes.NeedsScope(type, null), $"{type} needs no scope"));
        Assert.True(lifetimes.NeedsScope(typeof(Single), "scoped"));
        Assert.False(lifetimes.NeedsScope(typeof(Single), "single"));
    }

    private static int Scopes(TestCluster cluster) => cluster.Nodes[0].Activations.All.Count(static one => one.HasScope);

    private static async Task<TestCluster> StartAsync()
    {
        ServiceCollection services = Services();
        ServiceProvider root = services.BuildServiceProvider(validateScopes: true); // Scoped services from the root are an error.
        return await TestCluster.StartAsync(nodes: 1, configure: options =>
        {
            options.Services = root;
            options.ServiceDescriptors = services;
        });
    }

    private static ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton(new Single());
        services.AddScoped<Scoped>();
        services.AddKeyedScoped<Scoped>("keyed");
        return services;
    }

    public sealed class Single
    {
        public int Number => 7;
    }

    public sealed class Scoped : IDisposable
    {
        private static int s_count;

        public int Number { get; } = Interlocked.Increment(ref s_count);

        public string? Owner { get; set; }

        public void Dispose()
        {
            if (Owner is { } owner)
            {
                Journal.Of(owner).Write("disposed");
            }
        }
    }

    public sealed class PlainTransient(Single single)
    {
        public Single Single => single;
    }

    public sealed class DisposableTransient : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => default;
    }

    public sealed class TransientOfScoped(PlainTransient plain, Scoped scoped)
    {
        public (PlainTransient, Scoped) Both => (plain, scoped);
    }

    public sealed class TransientOfKeyed([FromKeyedServices("keyed")] Scoped scoped)
    {
        public Scoped Scoped => scoped;
    }

    public sealed class MadeTransient;

    public sealed class OpenSingleton<T> : IEquatable<T>
    {
        public bool Equals(T? other) => false;
    }

    public sealed class OpenScoped<T> : IComparer<T>
    {
        public int Compare(T? x, T? y) => 0;
    }

    public sealed class ScopedActor(Single single, Scoped scoped, IActors actors) : Actor, IScoped
    {
        public override ValueTask OnActivateAsync(CancellationToken cancellation)
        {
            Assert.NotNull(single);
            Assert.Same(Actors, actors);
            scoped.Owner = Key.Text;
            return default;
        }

        public override ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
        {
            Journal.Of(Key.Text).Write("deactivated");
            return default;
        }

        public ValueTask<int> Number() => new(scoped.Number);

        public ValueTask Leave()
        {
            DeactivateOnIdle();
            return default;
        }
    }

    public sealed class UnscopedActor(Single single, IServiceProvider services) : Actor, IUnscoped
    {
        public ValueTask<int> Number() => new(services.GetRequiredService<Single>() == single ? single.Number : -1);
    }

    public sealed class BothWaysActor(IServiceProvider services, Scoped scoped) : Actor, IBothWays
    {
        public ValueTask<bool> IsSame() => new(ReferenceEquals(services.GetRequiredService<Scoped>(), scoped));
    }

    public sealed class ProvidedActor : Actor, IProvided
    {
        private readonly IServiceProvider _services;

        public ProvidedActor(IServiceProvider services)
        {
            _services = services;
            Last = services;
        }

        /// <summary>What the last one was given.</summary>
        public static IServiceProvider? Last { get; private set; }

        public ValueTask<int> Single() => new(_services.GetRequiredService<Single>().Number);

        public ValueTask<int> Scoped()
        {
            Scoped scoped = _services.GetRequiredService<Scoped>();
            scoped.Owner = Key.Text;
            return new(scoped.Number);
        }

        public ValueTask Leave()
        {
            DeactivateOnIdle();
            return default;
        }
    }

    public sealed class ScopedInVainActor([FromKeyedServices("keyed")] Scoped scoped) : Actor, IScopedInVain
    {
        public override ValueTask OnActivateAsync(CancellationToken cancellation)
        {
            scoped.Owner = Key.Text;
            throw new InvalidOperationException("in vain");
        }

        public ValueTask<int> Number() => new(scoped.Number);
    }
}

public interface IScoped : IGrainWithStringKey
{
    ValueTask<int> Number();

    ValueTask Leave();
}

public interface IUnscoped : IGrainWithStringKey
{
    ValueTask<int> Number();
}

public interface IBothWays : IGrainWithStringKey
{
    ValueTask<bool> IsSame();
}

public interface IProvided : IGrainWithStringKey
{
    ValueTask<int> Single();

    ValueTask<int> Scoped();

    ValueTask Leave();
}

public interface IScopedInVain : IGrainWithStringKey
{
    ValueTask<int> Number();
}

/// <summary>Never ends its disposal.</summary>
public interface IStuck : IGrainWithStringKey
{
    ValueTask<int> Leave();
}

public sealed class StuckActor : Actor, IStuck, IAsyncDisposable
{
    private static int s_count;

    private readonly TaskCompletionSource _never = new();
    private readonly int _number = Interlocked.Increment(ref s_count);

    public ValueTask<int> Leave()
    {
        DeactivateOnIdle();
        return new(_number);
    }

    public ValueTask DisposeAsync() => new(_never.Task);
}
