using Kameo.Actors.Hosting;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
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

    /// <summary>As one that is injected into a service which starts before it.</summary>
    [Fact]
    public async Task Calls_of_a_node_that_is_not_started_wait_for_it_and_not_for_ever()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Prefix("hello "));
        builder.Services.AddActorNode(static options =>
        {
            options.Trust = TrustPolicy.Anyone();
            options.WaitForHost = TimeSpan.FromSeconds(4);
        });
        using IHost host = builder.Build();
        var actors = host.Services.GetRequiredService<IActors>();
        TimeSpan deadline = TimeSpan.FromSeconds(20);
        Task told = actors.Get<IGreeter>(1).Tell().Greet("nobody").AsTask();
        NodeUnreachableException ask = await Assert.ThrowsAsync<NodeUnreachableException>(() => actors.Get<IGreeter>(1).Greet("nobody").AsTask().WaitAsync(deadline));
        Assert.Equal(CallOutcome.NotRun, ask.Outcome);
        Assert.Contains("has not been started", ask.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<NodeUnreachableException>(() => told.WaitAsync(deadline));

        Task<string> early = actors.Get<IGreeter>(1).Greet("world").AsTask();
        await host.StartAsync();
        Assert.Equal("hello world", await early.WaitAsync(deadline));
        await host.StopAsync();
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
    public async Task Of_several_constructors_the_public_one_is_taken_before_one_that_is_internal()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Prefix("hello "));
        builder.Services.AddActorNode(static options => options.Trust = TrustPolicy.Anyone());
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Equal("hello door", await host.Services.GetRequiredService<IActors>().Get<IDoor>("door").Open());
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
        OptionsValidationException wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal(3, wrong.Failures.Count());
        Assert.Contains("Trust", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("ClusterName", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("MailboxCapacity", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_hosts_shutdown_time_out_ends_the_drain()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
        builder.Services.AddActorNode(static options =>
        {
            options.Trust = TrustPolicy.Anyone();
            options.DrainTimeout = TimeSpan.FromMinutes(10);
        });
        using IHost host = builder.Build();
        await host.StartAsync();
        var node = host.Services.GetRequiredService<ActorNode>();
        await Life.Eventually.TrueAsync(() => node.IsServing, "a lease");
        Task stuck = node.Get<ICounter>("stuck").WaitFor(CancellationToken.None);
        await node.Get<ICounter>("stuck").Peek();
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(node.IsServing);
        Assert.False(stuck.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_turn_that_runs_when_the_host_stops_is_waited_for()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorNode(static options => options.Trust = TrustPolicy.Anyone());
        using IHost host = builder.Build();
        await host.StartAsync();
        var actors = host.Services.GetRequiredService<IActors>(); // It may not serve yet: calls wait for that in their order.
        const int Gate = 700_001;
        Task<long> running = actors.Get<ICounter>("drained").AddAfter(5, new Gate(Gate));
        await actors.Get<ICounter>("drained").Peek();
        Task stopping = host.StopAsync();
        Assert.False(stopping.IsCompleted);
        CounterActor.GateOf(Gate).SetResult();
        Assert.Equal(5, await running);
        await stopping;
    }

    [Fact]
    public async Task Its_health_check_follows_the_nodes_life()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorNode(static options => options.Trust = TrustPolicy.Anyone());
        builder.Services.AddHealthChecks().AddCheck<ActorNodeHealthCheck>("actors").AddCheck<ActorNodeHealthCheck>("milder", HealthStatus.Degraded);
        using IHost host = builder.Build();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
        Assert.Equal(HealthStatus.Degraded, (await health.CheckHealthAsync()).Entries["milder"].Status);
        await host.StartAsync();
        await Life.Eventually.TrueAsync(() => host.Services.GetRequiredService<ActorNode>().IsServing, "a lease");
        HealthReport report = await health.CheckHealthAsync();
        Assert.Equal(HealthStatus.Healthy, report.Status);
        Assert.Equal(0, report.Entries["actors"].Data["activations"]);
        await host.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task A_node_with_seeds_that_reaches_nobody_is_degraded()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorNode(static options =>
        {
            options.Trust = TrustPolicy.Anyone();
            options.Seeds.Add("127.0.0.1:1");
        });
        builder.Services.AddHealthChecks().AddCheck<ActorNodeHealthCheck>("actors");
        using IHost host = builder.Build();
        await host.StartAsync();
        await Life.Eventually.TrueAsync(() => host.Services.GetRequiredService<ActorNode>().IsServing, "a lease");
        Assert.Equal(HealthStatus.Degraded, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_node_that_only_calls_and_reaches_nobody_is_degraded()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddActorNode(static options =>
        {
            options.Trust = TrustPolicy.Anyone();
            options.IsClient = true;
            options.Listen = null;
        });
        builder.Services.AddHealthChecks().AddCheck<ActorNodeHealthCheck>("actors");
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Equal(HealthStatus.Degraded, (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_call_says_that_its_node_waits_for_its_founders()
    {
        using SecretKey own = SecretKey.Generate();
        using SecretKey other = SecretKey.Generate();
        var options = new ActorNodeOptions { Trust = TrustPolicy.Anyone(), Key = own, WaitForHost = TimeSpan.FromMilliseconds(200) };
        options.Membership!.Founders.Add(own.Id);
        options.Membership.Founders.Add(other.Id);
        await using ActorNode node = await ActorNode.StartAsync(options);
        NodeUnreachableException unplaced = await Assert.ThrowsAsync<NodeUnreachableException>(async () => await node.Get<ICounter>("alone").Peek());
        Assert.Contains("founders have not all met", unplaced.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_a_node_that_stops_already_waits_until_it_has_and_can_hurry_it()
    {
        ActorNode node = await ActorNode.StartAsync(new ActorNodeOptions { Trust = TrustPolicy.Anyone(), DrainTimeout = TimeSpan.FromMinutes(10) });
        _ = node.Get<ICounter>("never done").WaitFor(CancellationToken.None);
        await node.Get<ICounter>("never done").Peek();
        Task first = node.StopAsync();
        using var hurry = new CancellationTokenSource();
        Task second = node.StopAsync(hurry.Token);
        Task third = node.DisposeAsync().AsTask();
        Assert.False(second.IsCompleted);
        Assert.False(third.IsCompleted);
        await hurry.CancelAsync();
        await Task.WhenAll(second, third).WaitAsync(TimeSpan.FromSeconds(30));
        await first;
    }

    [Fact]
    public void An_actor_without_a_node_is_an_object_like_any_other()
    {
        var actor = new CounterActor();
        Assert.True(actor.Add(3).IsCompletedSuccessfully);
        InvalidOperationException unmade = Assert.Throws<InvalidOperationException>(() => { _ = actor.Describe(); });
        Assert.Contains("not made by a node", unmade.Message, StringComparison.Ordinal);
        Assert.Contains("not made by a node", Assert.Throws<InvalidOperationException>(() => { _ = actor.Leave(); }).Message, StringComparison.Ordinal);
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

public interface IDoor : IGrainWithStringKey
{
    ValueTask<string> Open();
}

public sealed class DoorActor : Actor, IDoor
{
    private readonly string _text;

    public DoorActor(HostingTests.Prefix prefix)
        : this(prefix, "door")
    {
    }

    /// <summary>What no container has: for tests.</summary>
    internal DoorActor(HostingTests.Prefix prefix, string text) => _text = prefix.Text + text;

    public ValueTask<string> Open() => new(_text);
}
