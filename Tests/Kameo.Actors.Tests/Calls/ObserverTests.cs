using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Kameo.Actors.Observers;
using Kameo.Actors.Testing;
using Kameo.Actors.Transport;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Calls;

/// <summary>Local objects that actors call: references to them travel, and end.</summary>
public sealed class ObserverTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_actor_calls_the_object_by_tells_and_asks_in_order(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode here = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        var listener = new Listener();
        IListener reference = here.CreateObserverReference<IListener>(listener);
        IPublisher publisher = here.Get<IPublisher>("p");
        await publisher.Subscribe(reference);
        await publisher.Publish(100);
        for (int number = 0; number < 100; number++)
        {
            Assert.Equal($"heard {number}", await listener.NextAsync());
        }

        Assert.Equal("x answered", await publisher.AskAll("x"));
        Assert.Equal(reference, await publisher.First());
        ArgumentException thrown = await Assert.ThrowsAsync<ArgumentException>(() => publisher.FailAll());
        Assert.Equal("not me", thrown.Message);
        GC.KeepAlive(listener);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_one_fails_by_name_and_did_not_run(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode here = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        var listener = new Listener();
        IListener reference = here.CreateObserverReference<IListener>(listener);
        Assert.Equal(reference, here.CreateObserverReference<IListener>(listener));
        Assert.Equal("a answered", await cluster.Nodes[0].Get<IPublisher>("p").AskOne(reference, "a"));
        Assert.True(here.DeleteObserverReference(reference));
        Assert.False(here.DeleteObserverReference(reference));
        NodeUnreachableException gone = await Assert.ThrowsAsync<NodeUnreachableException>(() => reference.Answer("b"));
        Assert.Equal(CallOutcome.NotRun, gone.Outcome);
        Assert.Contains("observer was deleted", gone.Message, StringComparison.Ordinal);
        ActorFaultException there = await Assert.ThrowsAsync<ActorFaultException>(() => cluster.Nodes[0].Get<IPublisher>("p").AskOne(reference, "c"));
        Assert.Contains("observer was deleted", there.Message, StringComparison.Ordinal);
        Assert.NotEqual(reference, here.CreateObserverReference<IListener>(listener));
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task One_of_a_node_that_is_gone_fails_by_name()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, static options => options.WaitForHost = TimeSpan.FromMilliseconds(1));
        ActorNode client = cluster.Clients[0];
        var listener = new Listener();
        IListener reference = client.CreateObserverReference<IListener>(listener);
        IPublisher publisher = cluster.Nodes[0].Get<IPublisher>("p");
        await publisher.Subscribe(reference);
        await cluster.StopAsync(client);
        ActorFaultException gone = await Assert.ThrowsAsync<ActorFaultException>(() => publisher.AskAll("x"));
        Assert.Contains(nameof(NodeUnreachableException), gone.TypeName, StringComparison.Ordinal);
        GC.KeepAlive(listener);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_object_itself_is_refused_with_what_to_do(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode here = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => here.Get<IPublisher>("p").Subscribe(new Listener()));
        Assert.Contains("CreateObserverReference", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => here.CreateObserverReference<IListener>(here.CreateObserverReference<IListener>(new Listener())));
        Assert.Throws<ArgumentException>(() => here.DeleteObserverReference<IListener>(new Listener()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_actor_is_an_observer_by_its_reference(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IPublisher other = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IPublisher>("other");
        IListener self = await other.AsListener();
        Assert.Equal("y from other", await self.Answer("y"));
        Assert.Equal("z from other", await cluster.Nodes[0].Get<IPublisher>("p").AskOne(self, "z"));
    }

    [Fact]
    public void One_expires_unless_it_is_renewed()
    {
        var time = new HandTime();
        var table = new ObserverTable(new NodeClock(time), 10);
        var listener = new Listener();
        Guid id = table.Add(listener, TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Same(listener, table.Find(id));
        Assert.Equal(id, table.Add(listener, TimeSpan.FromSeconds(10)));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Same(listener, table.Find(id));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(table.Find(id));
        Assert.Equal(0, table.Count);
        Assert.NotEqual(id, table.Add(listener, null));
    }

    [Fact]
    public void One_is_held_weakly_and_the_table_is_bounded()
    {
        var table = new ObserverTable(new NodeClock(TimeProvider.System), 3);
        Guid dropped = AddOne(table);
        var kept = new Listener();
        Guid keptId = table.Add(kept, null);
        GC.Collect();
        Assert.Null(table.Find(dropped));
        Assert.Same(kept, table.Find(keptId));
        AddOne(table);
        AddOne(table);
        GC.Collect();
        var others = new[] { new Listener(), new Listener() };
        Assert.All(others, other => table.Add(other, null)); // The dead make room.
        Assert.Equal(3, table.Count);
        InvalidOperationException full = Assert.Throws<InvalidOperationException>(() => table.Add(new Listener(), null));
        Assert.Contains(nameof(ActorNodeOptions.ObserversMax), full.Message, StringComparison.Ordinal);
        GC.KeepAlive(kept);
        GC.KeepAlive(others);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Guid AddOne(ObserverTable table) => table.Add(new Listener(), null);

    private sealed class HandTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan span) => _now += span.Ticks;
    }

    private sealed class Listener : IListener
    {
        private readonly Channel<string> _heard = Channel.CreateUnbounded<string>();
        private int _inside;

        public async Task<string> NextAsync()
        {
            using var timeout = new CancellationTokenSource(s_deadline);
            return await _heard.Reader.ReadAsync(timeout.Token);
        }

        public void Hear(string text) => _heard.Writer.TryWrite($"heard {text}");

        public async Task<string> Answer(string text)
        {
            Assert.Equal(1, Interlocked.Increment(ref _inside));
            await Task.Yield();
            Interlocked.Decrement(ref _inside);
            return $"{text} answered";
        }

        public ValueTask Fail() => throw new ArgumentException("not me");

        public Task Note(int number) => Task.CompletedTask;
    }
}

public interface IListener : IGrainObserver
{
    void Hear(string text);

    Task<string> Answer(string text);

    ValueTask Fail();

    [OneWay]
    Task Note(int number);
}

public interface IPublisher : IGrainWithStringKey
{
    Task Subscribe(IListener listener);

    Task Publish(int count);

    Task<string> AskAll(string text);

    Task<string> AskOne(IListener listener, string text);

    Task FailAll();

    Task<IListener> First();

    Task<IListener> AsListener();
}

public sealed class PublisherActor : Actor, IPublisher, IListener
{
    private readonly HashSet<IListener> _listeners = [];

    public Task Subscribe(IListener listener)
    {
        _listeners.Add(listener);
        return Task.CompletedTask;
    }

    public Task Publish(int count)
    {
        foreach (IListener listener in _listeners)
        {
            for (int number = 0; number < count; number++)
            {
                listener.Hear($"{number}");
            }
        }

        return Task.CompletedTask;
    }

    public async Task<string> AskAll(string text) => string.Join(' ', await Task.WhenAll(_listeners.Select(listener => listener.Answer(text))));

    public Task<string> AskOne(IListener listener, string text) => listener.Answer(text);

    public async Task FailAll() => await _listeners.First().Fail();

    public Task<IListener> First() => Task.FromResult(_listeners.First());

    public Task<IListener> AsListener() => Task.FromResult(AsReference<IListener>());

    public void Hear(string text)
    {
    }

    public Task<string> Answer(string text) => Task.FromResult($"{text} from {Key}");

    public ValueTask Fail() => default;

    public Task Note(int number) => Task.CompletedTask;
}
