using System.Diagnostics;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Calls;
using Orleans;

namespace Kameo.Actors.Tests.Diagnostics;

/// <summary>A call is a span at its caller and, under it, one for the turn, wherever that is.</summary>
[Collection(AloneCollection.Name)]
public sealed class TracingTests
{
    private const string Trace = "Kameo.Actors.Tests.Diagnostics.ITraced.Trace";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_ask_is_a_client_span_with_the_turn_as_a_server_span_under_it(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        using var spans = new RecordedSpans();
        string seen = await (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITraced>("a").Trace();
        Assert.Same(spans.Root, Activity.Current);

        List<Activity> ended = await spans.TakeAsync(2);
        Activity client = Assert.Single(ended, static span => span.Kind == ActivityKind.Client);
        Activity server = Assert.Single(ended, static span => span.Kind == ActivityKind.Server);
        Assert.Equal(Trace, client.DisplayName);
        Assert.Equal(Trace, server.DisplayName);
        Assert.Equal(spans.Root.SpanId, client.ParentSpanId);
        Assert.Equal(client.SpanId, server.ParentSpanId);
        Assert.Equal(!isLocal, server.HasRemoteParent);
        Assert.Equal("Kameo.Actors.Tests.Diagnostics.TracedActor/a", server.GetTagItem("kameo.actor"));
        Assert.Equal("Trace", client.GetTagItem("rpc.method"));
        Assert.Equal(server.Id, seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_turn_asks_is_under_its_span_also_after_awaits(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: isLocal ? 1 : 2, clients: 1);
        using var spans = new RecordedSpans();
        await cluster.Clients[0].Get<ITraced>("a").Through("b");
        List<Activity> ended = await spans.TakeAsync(4);
        Activity outer = Assert.Single(ended, static span => span.Kind == ActivityKind.Server && span.DisplayName.EndsWith("Through", StringComparison.Ordinal));
        Activity inner = Assert.Single(ended, static span => span.Kind == ActivityKind.Client && span.DisplayName == Trace);
        Assert.Equal(outer.SpanId, inner.ParentSpanId);
        Assert.Equal(inner.SpanId, Assert.Single(ended, static span => span.Kind == ActivityKind.Server && span.DisplayName == Trace).ParentSpanId);
    }

    [Fact]
    public async Task A_forwarded_ask_keeps_its_trace_and_its_request_context()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        ActorNode client = cluster.Clients[0];
        await cluster.CutAsync(client, cluster.Nodes[1]); // It asks the one it knows, which passes on what it places elsewhere.
        string key = Enumerable.Range(0, 100).Select(static number => $"k{number}").First(key => !cluster.Nodes[0].Get<ITraced>(key).IsHere());
        using var spans = new RecordedSpans();
        spans.Root.TraceStateString = "vendor=1";
        RequestContext.Set("tenant", "t");
        Assert.Equal("t vendor=1", await client.Get<ITraced>(key).Describe());
        List<Activity> ended = await spans.TakeAsync(2);
        Activity server = Assert.Single(ended, static span => span.Kind == ActivityKind.Server);
        Assert.Equal(Assert.Single(ended, static span => span.Kind == ActivityKind.Client).SpanId, server.ParentSpanId);
        Assert.Equal(cluster.Nodes[1].Id.ToShortString(), server.GetTagItem("kameo.node"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tell_is_a_producer_span_with_the_turn_as_a_consumer_span_under_it(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        using var spans = new RecordedSpans();
        await (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITraced>("a").Tell().Trace();
        List<Activity> ended = await spans.TakeAsync(2);
        Activity producer = Assert.Single(ended, static span => span.Kind == ActivityKind.Producer);
        Assert.Equal(producer.SpanId, Assert.Single(ended, static span => span.Kind == ActivityKind.Consumer).ParentSpanId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_is_the_status_of_both_spans(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        using var spans = new RecordedSpans();
        await Assert.ThrowsAsync<ArgumentException>(async () => await (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<ITraced>("a").Fail());
        List<Activity> ended = await spans.TakeAsync(2);
        Assert.All(ended, static span => Assert.Equal(ActivityStatusCode.Error, span.Status));
        Assert.All(ended, static span => Assert.Equal(typeof(ArgumentException).FullName, span.GetTagItem("error.type")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trace_that_nobody_here_samples_is_passed_on_all_the_same(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: isLocal ? 1 : 2, clients: 1);
        using var spans = new RecordedSpans(ActivitySamplingResult.None);
        string seen = await cluster.Clients[0].Get<ITraced>("a").ThroughUntraced("b");
        Assert.Equal("none", seen);

        // The innermost turn has no span of its own either; but what it carries is the root.
        Assert.Equal(spans.Root.TraceId.ToString(), await cluster.Clients[0].Get<ITraced>("a").CarriedThrough("b"));
        Assert.Empty(await spans.TakeAsync(0));
    }
}

public interface ITraced : IGrainWithStringKey
{
    ValueTask<string> Trace();

    Task<string> Through(string other);

    Task<string> ThroughUntraced(string other);

    Task<string> CarriedThrough(string other);

    ValueTask<string> Carried();

    ValueTask<string> Describe();

    ValueTask Fail();
}

public sealed class TracedActor : Actor, ITraced
{
    public ValueTask<string> Trace() => new(Activity.Current?.Id ?? "none");

    public async Task<string> Through(string other)
    {
        await Task.Yield();
        return await Actors.Get<ITraced>(other).Trace();
    }

    public Task<string> ThroughUntraced(string other) => Through(other);

    public async Task<string> CarriedThrough(string other)
    {
        await Task.Yield();
        return await Actors.Get<ITraced>(other).Carried();
    }

    public ValueTask<string> Carried() => new(TraceOfTurn.Id());

    public ValueTask<string> Describe() => new($"{RequestContext.Get("tenant")} {Activity.Current?.TraceStateString}");

    public ValueTask Fail() => throw new ArgumentException("no");
}
