using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace Kameo.Actors.Tests;

/// <summary>A node in the generic host.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task A_node_starts_and_stops_with_the_host_and_constructs_actors_from_its_services()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Prefix("hello "));
        builder.Services.AddActorNode(static options => options.Trust = TrustPolicy.Anyone());
        using IHost host = builder.Build();
        var actors = host.Services.GetRequiredService<IActors>();
        await host.StartAsync();
        Assert.Equal("hello world", await actors.Get<IGreeter>(1).Greet("world"));
        Assert.Equal("hello again", await actors.GetGrain<IGreeter>(1).Greet("again"));
        await host.StopAsync();
        await Assert.ThrowsAsync<NodeUnreachableException>(async () => await actors.Get<IGreeter>(1).Greet("nobody"));
    }

    [Fact]
    public async Task An_actor_of_a_hosted_node_gets_scoped_services_from_a_scope_of_its_own()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorNode(static options => options.Trust = TrustPolicy.Anyone());
        builder.Services.AddSingleton(new Prefix("hello "));
        builder.Services.AddScoped(static _ => new Visitors());
        using IHost host = builder.Build();
        await host.StartAsync();
        var actors = host.Services.GetRequiredService<IActors>();
        Assert.Equal(1, await actors.Get<IDoorkeeper>(1).Enter());
        Assert.Equal(2, await actors.Get<IDoorkeeper>(1).Enter());
        Assert.Equal(1, await actors.Get<IDoorkeeper>(2).Enter());
        await host.StopAsync();
    }

    [Fact]
    public async Task Wrong_options_are_all_reported_when_the_host_starts()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorNode(static options =>
        {
            options.ClusterName = string.Empty;
            options.MailboxCapacity = 0;
        });
        using IHost host = builder.Build();
        ArgumentException wrong = await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync());
        Assert.Contains("Trust", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("ClusterName", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("MailboxCapacity", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_actor_without_a_node_is_an_object_like_any_other()
    {
        var actor = new CounterActor();
        Assert.True(actor.Add(3).IsCompletedSuccessfully);
        Assert.Throws<InvalidOperationException>(() => { _ = actor.Describe(); });
    }

    [Fact]
    public async Task A_tell_on_a_fake_calls_its_method()
    {
        var fake = new CounterActor();
        await ((ICounter)fake).Tell().Note(5);
        Assert.Equal([5], await fake.Notes());
    }

    public sealed record Prefix(string Text);

    public sealed class Visitors
    {
        public int Count { get; set; }
    }

    public sealed class DoorkeeperActor(Visitors visitors) : Actor, IDoorkeeper
    {
        public ValueTask<int> Enter() => new(++visitors.Count);
    }

    public sealed class GreeterActor(Prefix prefix, string suffix = "") : Actor, IGreeter
    {
        public ValueTask<string> Greet(string name) => new(prefix.Text + name + suffix);
    }
}

public interface IGreeter : IGrainWithIntegerKey
{
    ValueTask<string> Greet(string name);
}

public interface IDoorkeeper : IGrainWithIntegerKey
{
    ValueTask<int> Enter();
}
