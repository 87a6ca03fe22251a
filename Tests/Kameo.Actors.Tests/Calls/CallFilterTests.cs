using System.Collections.Concurrent;
using Kameo.Actors.Activations;
using Kameo.Actors.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Filters around calls, at the caller and at the callee: as Orleans documents them.</summary>
public sealed class CallFilterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filters_run_around_the_call_in_order_those_of_the_class_last(bool isLocal)
    {
        var log = new ConcurrentQueue<string>();
        await using TestCluster cluster = await StartAsync(options =>
        {
            options.OutgoingFilters.Add(new Outgoing(Logged<IOutgoingActorCallContext>(log, "out1")));
            options.OutgoingFilters.Add(new Outgoing(Logged<IOutgoingActorCallContext>(log, "out2")));
            options.IncomingFilters.Add(new Incoming(Logged<IIncomingActorCallContext>(log, "in1")));
            options.IncomingFilters.Add(new Incoming(Logged<IIncomingActorCallContext>(log, "in2")));
        });
        Assert.Equal("a: x (own)", await Caller(cluster, isLocal).Get<IFiltered>("a").Say("x"));
        Assert.Equal(["out1 >", "out2 >", "in1 >", "in2 >", "in2 < a: x (own)", "in1 < a: x (own)", "out2 < a: x (own)", "out1 < a: x (own)"], log);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filter_sees_and_changes_arguments_and_results(bool isLocal)
    {
        await using TestCluster cluster = await StartAsync(options =>
        {
            options.IncomingFilters.Add(new Incoming(async context =>
            {
                Assert.Equal(("Kameo.Actors.Tests.Calls.IFiltered", nameof(IFiltered.Add), 2, false), (context.InterfaceName, context.MethodName, context.ArgumentCount, context.IsTell));
                Assert.IsType<FilteredActor>(context.Grain);
                Assert.Equal("Kameo.Actors.Tests.Calls.FilteredActor/a", context.TargetId.ToString());
                Assert.Throws<ArgumentOutOfRangeException>(() => context.GetArgument(2));
                Assert.Throws<InvalidCastException>(() => context.SetArgument(0, null));
                Assert.Throws<InvalidCastException>(() => context.SetArgument(0, 3L));
                context.SetArgument(0, (int)context.GetArgument(0)! * 10);
                await context.Invoke();
                context.Result = (int)context.Result! + 1;
            }));
            options.OutgoingFilters.Add(new Outgoing(async context =>
            {
                Assert.Equal((nameof(IFiltered.Add), 2), (context.MethodName, context.ArgumentCount));
                Assert.Equal(ActorKey.Of("a"), ActorId.Of(context.Grain).Key);
                Assert.Null(context.SourceId);
                context.SetArgument(1, 100);
                await context.Invoke();
                context.Result = (int)context.Result! * 2;
            }));
        });
        Assert.Equal(2 * ((3 * 10) + 100 + 1), await Caller(cluster, isLocal).Get<IFiltered>("a").Add(3, 4));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filter_answers_in_place_of_the_method(bool isLocal)
    {
        await using TestCluster cluster = await StartAsync(options => options.IncomingFilters.Add(new Incoming(static context =>
        {
            context.Result = context.MethodName == nameof(IFiltered.Add) ? 42 : null;
            return Task.CompletedTask;
        })));
        IFiltered actor = Caller(cluster, isLocal).Get<IFiltered>("a");
        Assert.Equal(42, await actor.Add(1, 2));
        Assert.Null(await actor.Say("x"));
        InvalidOperationException left = await Assert.ThrowsAsync<InvalidOperationException>(async () => await actor.Calls());
        Assert.Contains("A filter left nothing as the result of Kameo.Actors.Tests.Calls.IFiltered.Calls", left.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Exceptions_come_through_filters_and_from_them(bool isLocal)
    {
        await using TestCluster cluster = await StartAsync(options => options.IncomingFilters.Add(new Incoming(static async context =>
        {
            try
            {
                await context.Invoke();
            }
            catch (FormatException exception)
            {
                throw new ArgumentException("mapped: " + exception.Message);
            }
        })));
        ArgumentException mapped = await Assert.ThrowsAsync<ArgumentException>(async () => await Caller(cluster, isLocal).Get<IFiltered>("a").Fail());
        Assert.Equal("mapped: failed", mapped.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_outgoing_filter_makes_a_call_again(bool isLocal)
    {
        await using TestCluster cluster = await StartAsync(options => options.OutgoingFilters.Add(new Outgoing(static async context =>
        {
            await context.Invoke();
            await context.Invoke();
        })));
        Assert.Equal(2, await Caller(cluster, isLocal).Get<IFiltered>("a").Calls());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_filter_that_leaves_the_turn_does_not_take_the_actor_with_it(bool isLocal)
    {
        await using TestCluster cluster = await StartAsync(options => options.IncomingFilters.Add(new Incoming(static async context =>
        {
            await Task.Run(static () => { }).ConfigureAwait(false);
            await context.Invoke().ConfigureAwait(false);
        })));
        IFiltered actor = Caller(cluster, isLocal).Get<IFiltered>("a");
        int[] counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => actor.CountSlowly()));
        Assert.Equal(Enumerable.Range(1, 100), counts.Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tells_are_filtered_too(bool isLocal)
    {
        var log = new ConcurrentQueue<string>();
        await using TestCluster cluster = await StartAsync(options =>
        {
            options.OutgoingFilters.Add(new Outgoing(context => Seen(context, "out")));
            options.IncomingFilters.Add(new Incoming(context => Seen(context, "in")));
        });
        IFiltered actor = Caller(cluster, isLocal).Get<IFiltered>("a");
        await actor.Note("n");
        await actor.Tell().Say("s");
        Assert.Equal("n", await actor.Noted());
        Assert.Equal(["out Note True", "in Note True", "out Say True", "in Say True"], log.Where(static line => line.EndsWith("True", StringComparison.Ordinal)).OrderBy(static line => line.Contains("Say", StringComparison.Ordinal)).ThenByDescending(static line => line));

        Task Seen(IActorCallContext context, string where)
        {
            log.Enqueue($"{where} {context.MethodName} {context.IsTell}");
            return context.Invoke();
        }
    }

    [Fact]
    public async Task An_actor_that_calls_is_the_source()
    {
        ActorId? source = null;
        await using TestCluster cluster = await StartAsync(options => options.OutgoingFilters.Add(new Outgoing(context =>
        {
            source = context.SourceId ?? source;
            return context.Invoke();
        })));
        await cluster.Nodes[0].Get<IFiltered>("a").CallOther();
        Assert.Equal("Kameo.Actors.Tests.Calls.FilteredActor/a", source.ToString());
    }

    [Fact]
    public async Task Filters_of_the_services_come_after_those_of_the_options()
    {
        var log = new ConcurrentQueue<string>();
        var services = new ServiceCollection();
        services.AddSingleton(log);
        services.AddIncomingActorCallFilter<OfServices>();
        services.AddOutgoingActorCallFilter(Logged<IOutgoingActorCallContext>(log, "out"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        await using TestCluster cluster = await TestCluster.StartAsync(configure: options =>
        {
            options.Services = provider;
            options.IncomingFilters.Add(new Incoming(Logged<IIncomingActorCallContext>(log, "in")));
        });
        await cluster.Nodes[0].Get<IFiltered>("a").Say("x");
        Assert.Equal(["out >", "in >", "services", "in < a: x (own)", "out < a: x (own)"], log);
    }

    [Fact]
    public async Task A_context_ends_with_its_call()
    {
        IActorCallContext? kept = null;
        await using TestCluster cluster = await StartAsync(options => options.IncomingFilters.Add(new Incoming(context =>
        {
            kept = context;
            return context.Invoke();
        })));
        await cluster.Clients[0].Get<IFiltered>("a").Say("x");
        Assert.Throws<InvalidOperationException>(() => kept!.GetArgument(0));
        await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.Invoke());
    }

    private static Func<T, Task> Logged<T>(ConcurrentQueue<string> log, string name)
        where T : IActorCallContext => async context =>
        {
            log.Enqueue($"{name} >");
            await context.Invoke();
            log.Enqueue($"{name} < {context.Result}");
        };

    private static ActorNode Caller(TestCluster cluster, bool isLocal) => isLocal ? cluster.Nodes[0] : cluster.Clients[0];

    private static Task<TestCluster> StartAsync(Action<ActorNodeOptions> configure) => TestCluster.StartAsync(nodes: 1, clients: 1, configure);

    private sealed class Incoming(Func<IIncomingActorCallContext, Task> filter) : IIncomingActorCallFilter
    {
        public Task Invoke(IIncomingActorCallContext context) => filter(context);
    }

    private sealed class Outgoing(Func<IOutgoingActorCallContext, Task> filter) : IOutgoingActorCallFilter
    {
        public Task Invoke(IOutgoingActorCallContext context) => filter(context);
    }

    public sealed class OfServices(ConcurrentQueue<string> log) : IIncomingActorCallFilter
    {
        public Task Invoke(IIncomingActorCallContext context)
        {
            log.Enqueue("services");
            return context.Invoke();
        }
    }
}

public interface IFiltered : IGrainWithStringKey
{
    Task<string> Say(string text);

    ValueTask<int> Add(int a, int b);

    ValueTask<int> Calls();

    ValueTask Fail();

    Task<int> CountSlowly();

    [OneWay]
    Task Note(string text);

    Task<string> Noted();

    Task CallOther();
}

public sealed class FilteredActor : Actor, IFiltered, IIncomingActorCallFilter
{
    private int _calls;
    private int _count;
    private string _noted = string.Empty;

    public async Task Invoke(IIncomingActorCallContext context)
    {
        Assert.Same(this, context.Grain);
        await context.Invoke();
        if (context is { MethodName: nameof(Say), Result: string text })
        {
            context.Result = text + " (own)";
        }
    }

    public Task<string> Say(string text) => Task.FromResult($"{Key}: {text}");

    public ValueTask<int> Add(int a, int b) => new(a + b);

    public ValueTask<int> Calls() => new(++_calls);

    public ValueTask Fail() => throw new FormatException("failed");

    public async Task<int> CountSlowly()
    {
        Assert.NotNull(Turn.Current);
        int count = _count;
        await Task.Yield();
        return _count = count + 1;
    }

    public Task Note(string text)
    {
        _noted = text;
        return Task.CompletedTask;
    }

    public Task<string> Noted() => Task.FromResult(_noted);

    public Task CallOther() => Actors.Get<IFiltered>("b").Say("from a");
}
