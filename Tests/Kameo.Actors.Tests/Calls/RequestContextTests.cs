using Kameo.Actors.Testing;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Calls;

/// <summary>The request context goes with calls and with nothing else; nothing else goes with calls.</summary>
public sealed class RequestContextTests
{
    private static readonly AsyncLocal<string?> s_ambient = new();

    public static string? Ambient => s_ambient.Value;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_flows_with_an_ask_and_with_the_asks_that_one_makes(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: isLocal ? 1 : 3, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        RequestContext.Set("tenant", "a");
        RequestContext.Set("number", 7L);
        for (int number = 0; number < 10; number++)
        {
            Assert.Equal("tenant=a number=7", await caller.Get<IContextual>($"c{number}").Read());
            Assert.Equal("tenant=a number=7", await caller.Get<IContextual>($"c{number}").ReadThrough($"d{number}"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_callee_sets_is_not_seen_by_its_caller_and_is_forgotten_after_its_turn(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IContextual actor = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IContextual>("c");
        RequestContext.Set("tenant", "a");
        Assert.Equal("tenant=b", await actor.SetAndRead("b"));
        Assert.Equal("a", RequestContext.Get("tenant"));
        RequestContext.Clear();
        Assert.Empty(RequestContext.Keys);
        Assert.Equal(string.Empty, await actor.Read());
        Assert.Equal("tenant=c", await actor.SetAndRead("c"));
        Assert.Equal(string.Empty, await actor.Read());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_turn_sees_it_after_awaits_but_never_an_AsyncLocal_of_its_caller(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        s_ambient.Value = "leak";
        RequestContext.Set("tenant", "a");
        Assert.Equal("tenant=a", await (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IContextual>("c").ReadLater());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_goes_with_a_tell(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IContextual actor = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IContextual>("c");
        RequestContext.Set("tenant", "told");
        await actor.Note();
        RequestContext.Clear();
        Assert.Equal("tenant=told", await actor.Noted());
    }

    [Fact]
    public async Task Values_arrive_as_the_types_they_were()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        object[] values =
        [
            "text", true, 'c', (sbyte)-1, (byte)2, (short)-3, (ushort)4, -5, 6u, -7L, 8ul, 1.5f, 2.5, 3.5m, Guid.NewGuid(), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)), TimeSpan.FromSeconds(9),
        ];
        foreach (object value in values)
        {
            RequestContext.Set(value.GetType().Name, value);
        }

        string expected = string.Join(' ', values.Select(static value => $"{value.GetType().Name}:{value}").Order(StringComparer.Ordinal));
        Assert.Equal(expected, await cluster.Clients[0].Get<IContextual>("c").Types());
    }

    [Fact]
    public void More_than_fits_and_what_does_not_travel_is_refused_where_it_is_set()
    {
        RequestContext.Set("small", 1);
        ArgumentException large = Assert.Throws<ArgumentException>(static () => RequestContext.Set("large", new string('x', RequestContext.BytesMax)));
        Assert.Contains("at most 1024", large.Message, StringComparison.Ordinal);
        ArgumentException odd = Assert.Throws<ArgumentException>(static () => RequestContext.Set("odd", new List<int>()));
        Assert.Contains("'odd'", odd.Message, StringComparison.Ordinal);
        Assert.Equal(["small"], RequestContext.Keys);
        Assert.True(RequestContext.Remove("small"));
        Assert.False(RequestContext.Remove("small"));
        Assert.Null(RequestContext.Get("small"));
    }

    [Fact]
    public async Task Who_passes_a_call_on_passes_it_on()
    {
        Transport.Links.ILinkMedium? network = null;
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, configure: options => network = options.Medium);

        // It knows one of the two nodes, so half of its calls go to the wrong one.
        await using ActorNode client = await ActorNode.StartAsync(new ActorNodeOptions { Trust = Transport.TrustPolicy.Anyone(), ClusterName = "test", Listen = null, IsClient = true, Medium = network });
        await client.Transport.ConnectAsync(cluster.Nodes[0].Transport.LocalEndPoint!, cluster.Nodes[0].Id);
        RequestContext.Set("tenant", "a");
        for (int number = 0; number < 16; number++)
        {
            Assert.Equal("tenant=a", await client.Get<IContextual>($"c{number}").Read());
        }

        Assert.NotEqual(0, cluster.Nodes[1].ActivationCount);
    }

    [Fact]
    public async Task The_largest_that_fits_travels_also_beside_names_in_full()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        RequestContext.Set("k", new string('x', 1014));
        Assert.Throws<ArgumentException>(static () => RequestContext.Set("k", new string('x', 1015)));
        Assert.Equal($"k={new string('x', 1014)}", await cluster.Clients[0].Get<IContextual>(new string('y', 200)).Read());
    }
}

public interface IContextual : IGrainWithStringKey
{
    Task<string> Read();

    Task<string> ReadThrough(string other);

    Task<string> ReadLater();

    Task<string> SetAndRead(string value);

    Task<string> Types();

    [OneWay]
    Task Note();

    Task<string> Noted();
}

public sealed class ContextualActor : Actor, IContextual
{
    private string _noted = string.Empty;

    public Task<string> Read() => Task.FromResult(Text());

    public Task<string> ReadThrough(string other) => Actors.Get<IContextual>(other).Read();

    public async Task<string> ReadLater()
    {
        Assert.Null(RequestContextTests.Ambient);
        await Task.Yield();
        await Actors.Get<IContextual>("other").Read();
        Assert.Null(RequestContextTests.Ambient);
        return Text();
    }

    public async Task<string> SetAndRead(string value)
    {
        RequestContext.Set("tenant", value);
        await Task.Yield();
        return await Actors.Get<IContextual>("other").Read();
    }

    public Task<string> Types() => Task.FromResult(string.Join(' ', RequestContext.Entries.Select(static entry => $"{entry.Value.GetType().Name}:{entry.Value}").Order(StringComparer.Ordinal)));

    public Task Note()
    {
        _noted = Text();
        return Task.CompletedTask;
    }

    public Task<string> Noted() => Task.FromResult(_noted);

    private static string Text() => string.Join(' ', RequestContext.Entries.OrderByDescending(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key}={entry.Value}"));
}
