using System.Collections.Concurrent;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Life;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Topics;

/// <summary>What is published on a topic reaches its subscribers, wherever they are.</summary>
public sealed class TopicTests
{
    [Fact]
    public async Task A_message_reaches_observers_and_actors_on_every_node_in_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        ActorNode[] all = [.. cluster.Nodes, .. cluster.Clients];
        var listeners = all.Select(static _ => new Listener()).ToArray();
        for (int index = 0; index < all.Length; index++)
        {
            await all[index].Topic<INews>("n").SubscribeAsync(all[index].CreateObserverReference<INews>(listeners[index]));
        }

        await cluster.Clients[0].Get<IReader>("r").Subscribe("n");
        ActorNode publisher = cluster.Nodes[0];
        await Eventually.TrueAsync(() => publisher.Transport.LookupAll("kameo.topic/n").Count == 3, "all subscribers to be known");
        for (int number = 0; number < 100; number++)
        {
            await publisher.Topic<INews>("n").PublishAsync(subscriber => subscriber.Told(new Story("s", [number])));
        }

        await Eventually.TrueAsync(() => listeners.All(static one => one.Heard.Count == 100), "all messages");
        Assert.All(listeners, static one => Assert.Equal(Enumerable.Range(0, 100), one.Heard));
        await Eventually.TrueAsync(() => ReaderActor.Heard("r").Count == 100, "the actor's");
        Assert.Equal(Enumerable.Range(0, 100), ReaderActor.Heard("r"));
        GC.KeepAlive(listeners);
    }

    [Fact]
    public async Task Subscribers_of_one_node_do_not_share_a_message()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ActorNode node = cluster.Nodes[0];
        Listener[] listeners = [new() { Spoils = true }, new() { Spoils = true }];
        foreach (Listener listener in listeners)
        {
            await node.Topic<INews>("own").SubscribeAsync(node.CreateObserverReference<INews>(listener));
        }

        var story = new Story("s", [1]);
        await node.Topic<INews>("own").PublishAsync(subscriber => subscriber.Told(story));
        await Eventually.TrueAsync(() => listeners.All(static one => one.Heard.Count == 1), "both");
        Assert.All(listeners, static one => Assert.Equal([1], one.Heard));
        Assert.Equal([1], story.Numbers);
        GC.KeepAlive(listeners);
    }

    [Fact]
    public async Task A_full_queue_drops_and_counts_and_holds_up_nobody_else()
    {
        using var measured = new Measured("kameo.topics.dropped");
        await using TestCluster cluster = await TestCluster.StartAsync(configure: static options => options.TopicQueueMax = 4);
        ActorNode node = cluster.Nodes[0];
        var slow = new Listener { Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        var fast = new Listener();
        TopicSubscription held = await node.Topic<INews>("full").SubscribeAsync(node.CreateObserverReference<INews>(slow));
        await node.Topic<INews>("full").SubscribeAsync(node.CreateObserverReference<INews>(fast));
        for (int number = 0; number < 50; number++)
        {
            await node.Topic<INews>("full").PublishAsync(subscriber => subscriber.Told(new Story("s", [number])));
            await Eventually.TrueAsync(() => fast.Heard.Count == number + 1 && slow.IsHeld, "the fast one, and the slow one's first");
        }

        // One is with the subscriber, four wait.
        Assert.Equal(45, held.Dropped);
        Assert.Equal(45, measured.Seen("kameo.topics.dropped", "reason=queue_full").Count);
        slow.Gate.SetResult();
        await Eventually.TrueAsync(() => slow.Heard.Count == 5, "what was kept");
        Assert.Equal([0, 1, 2, 3, 4], slow.Heard);
        GC.KeepAlive((slow, fast));
    }

    [Fact]
    public async Task A_disposed_subscription_gets_no_more_and_the_node_is_forgotten_with_its_last()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2);
        var listener = new Listener();
        INews reference = cluster.Nodes[1].CreateObserverReference<INews>(listener);
        TopicSubscription subscription = await cluster.Nodes[1].Topic<INews>("left").SubscribeAsync(reference);
        Assert.Same(subscription, await cluster.Nodes[1].Topic<INews>("left").SubscribeAsync(reference));
        await Eventually.TrueAsync(() => cluster.Nodes[0].Transport.LookupAll("kameo.topic/left").Count == 1, "the subscriber to be known");
        subscription.Dispose();
        Assert.True(subscription.IsEnded);
        Assert.Equal(0, cluster.Nodes[1].Topics.Count);
        await Eventually.TrueAsync(() => cluster.Nodes[0].Transport.LookupAll("kameo.topic/left").Count == 0, "it to be forgotten");
        await cluster.Nodes[0].Topic<INews>("left").PublishAsync(static subscriber => subscriber.Told(new Story("s", [1])));
        Assert.Empty(listener.Heard);

        TopicSubscription again = await cluster.Nodes[1].Topic<INews>("left").SubscribeAsync(reference);
        Assert.NotSame(subscription, again);
        await cluster.Nodes[1].Topic<INews>("left").PublishAsync(static subscriber => subscriber.Told(new Story("s", [2])));
        await Eventually.TrueAsync(() => listener.Heard.Count == 1, "the message");
    }

    [Fact]
    public async Task A_subscriber_that_is_gone_is_dropped()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode node = cluster.Nodes[0];
        var listener = new Listener();
        INews reference = node.CreateObserverReference<INews>(listener);
        TopicSubscription deleted = await node.Topic<INews>("gone").SubscribeAsync(reference);
        INews elsewhere = cluster.Clients[0].CreateObserverReference<INews>(listener);
        TopicSubscription lost = await node.Topic<INews>("gone").SubscribeAsync(await node.Get<IReader>("passes").Pass(elsewhere));
        await node.Topic<INews>("gone").PublishAsync(static subscriber => subscriber.Told(new Story("s", [1])));
        await Eventually.TrueAsync(() => listener.Heard.Count == 2, "both to hear");
        node.DeleteObserverReference(reference);
        await node.Topic<INews>("gone").PublishAsync(static subscriber => subscriber.Told(new Story("s", [2])));
        await Eventually.TrueAsync(() => deleted.IsEnded, "the deleted one to be dropped");
        Assert.False(lost.IsEnded);
        await Eventually.TrueAsync(() => node.Topics.Count == 1, "its topic to forget it");
        GC.KeepAlive(listener);
    }

    /// <summary>Of a method that returns nothing, too: what most observers have.</summary>
    [Fact]
    public async Task One_way_messages_go_one_at_a_time_and_find_a_subscriber_that_is_gone()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, static options => options.TopicQueueMax = 2);
        ActorNode node = cluster.Nodes[0];
        var viewer = new Viewer();
        IShow reference = cluster.Clients[0].CreateObserverReference<IShow>(viewer);
        TopicSubscription subscription = await node.Topic<IShow>("one way").SubscribeAsync(await node.Get<IUsher>("passes").Pass(reference));
        for (int number = 0; number < 10; number++)
        {
            await node.Topic<IShow>("one way").PublishAsync(show => show.Wait(number));
            await viewer.Entered.Task;
        }

        await Eventually.TrueAsync(() => subscription.Dropped == 7, "all but the first and the two that wait to be dropped");
        viewer.Go.SetResult();
        await Eventually.TrueAsync(() => viewer.Seen.Count == 3, "what was kept");
        Assert.Equal([0, 1, 2], viewer.Seen);
        cluster.Clients[0].DeleteObserverReference(reference);
        await node.Topic<IShow>("one way").PublishAsync(static show => show.Note(11));
        await Eventually.TrueAsync(() => subscription.IsEnded, "it to be dropped");
        GC.KeepAlive(viewer);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task Each_subscriber_gets_a_payload_of_its_own(int count)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2);
        Viewer[] viewers = [new(), new(), new(), new()];
        ActorNode[] nodes = [cluster.Nodes[0], cluster.Nodes[1]];
        for (int index = 0; index < viewers.Length; index++)
        {
            await nodes[index / 2].Topic<IShow>("shown").SubscribeAsync(nodes[index / 2].CreateObserverReference<IShow>(viewers[index]));
        }

        await Eventually.TrueAsync(() => nodes[0].Transport.LookupAll("kameo.topic/shown").Count == 2, "all subscribers to be known");
        using (Payload<int> picture = Payload.Rent<int>(count))
        {
            picture.Span.Fill(count);
            await nodes[0].Topic<IShow>("shown").PublishAsync(show => show.Shown(picture));
        }

        await Eventually.TrueAsync(() => viewers.All(static one => one.Seen.Count == 1), "all of them");
        Assert.All(viewers, one => Assert.Equal([count], one.Seen));
        GC.KeepAlive(viewers);
    }

    [Fact]
    public async Task A_subscriber_that_throws_loses_that_message_only()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ActorNode node = cluster.Nodes[0];
        var listener = new Listener { ThrowsOn = 1 };
        TopicSubscription subscription = await node.Topic<INews>("throws").SubscribeAsync(node.CreateObserverReference<INews>(listener));
        for (int number = 0; number < 3; number++)
        {
            await node.Topic<INews>("throws").PublishAsync(subscriber => subscriber.Told(new Story("s", [number])));
        }

        await Eventually.TrueAsync(() => listener.Heard.Count == 2, "the others");
        Assert.Equal([0, 2], listener.Heard);
        Assert.Equal(1, subscription.Dropped);
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task A_message_is_one_call_and_subscribers_are_bounded()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(configure: static options => options.TopicSubscribersMax = 2);
        ActorNode node = cluster.Nodes[0];
        ActorTopic<INews> topic = node.Topic<INews>("strict");
        await Assert.ThrowsAsync<ArgumentException>(async () => await topic.PublishAsync(static _ => default(ValueTask)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await topic.PublishAsync(static subscriber =>
        {
            _ = subscriber.Told(new Story("s", []));
            return subscriber.Told(new Story("s", []));
        }));
        Assert.Throws<ArgumentException>(() => node.Topic<INews>(new string('x', 241)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await topic.SubscribeAsync(new Listener()));
        await topic.SubscribeAsync(node.Get<IReader>("one"));
        await topic.SubscribeAsync(node.Get<IReader>("two"));
        await Assert.ThrowsAsync<OverloadedException>(async () => await topic.SubscribeAsync(node.Get<IReader>("three")));
    }

    [Fact]
    public async Task Whoever_is_cut_off_misses_messages_and_gets_later_ones()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2);
        (ActorNode here, ActorNode there) = (cluster.Nodes[0], cluster.Nodes[1]);
        var listener = new Listener();
        await there.Topic<INews>("cut").SubscribeAsync(there.CreateObserverReference<INews>(listener));
        await Eventually.TrueAsync(() => here.Transport.LookupAll("kameo.topic/cut").Count == 1, "the subscriber to be known");
        await cluster.CutAsync(here, there);
        await here.Topic<INews>("cut").PublishAsync(static subscriber => subscriber.Told(new Story("s", [1])));
        await cluster.HealAsync(here, there);
        await Eventually.TrueAsync(() => here.Transport.LookupAll("kameo.topic/cut").Count == 1, "the subscriber to be known again");
        await here.Topic<INews>("cut").PublishAsync(static subscriber => subscriber.Told(new Story("s", [2])));
        await Eventually.TrueAsync(() => !listener.Heard.IsEmpty, "the later one");
        Assert.Equal([2], listener.Heard);
        GC.KeepAlive(listener);
    }

    private sealed class Viewer : IShow
    {
        public ConcurrentQueue<int> Seen { get; } = new();

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Note(int number) => Seen.Enqueue(number);

        public async Task Wait(int number)
        {
            Entered.TrySetResult();
            await Go.Task;
            Seen.Enqueue(number);
        }

        public ValueTask Shown(Payload<int> picture)
        {
            Seen.Enqueue(picture.Span[^1]);
            return default;
        }
    }

    private sealed class Listener : INews
    {
        public ConcurrentQueue<int> Heard { get; } = new();

        public TaskCompletionSource? Gate { get; init; }

        public bool IsHeld { get; private set; }

        public bool Spoils { get; init; }

        public int? ThrowsOn { get; init; }

        public async ValueTask Told(Story story)
        {
            if (story.Numbers[0] == ThrowsOn)
            {
                throw new InvalidOperationException("not this one");
            }

            if (Gate is not null)
            {
                IsHeld = true;
                await Gate.Task;
            }

            Heard.Enqueue(story.Numbers[0]);
            if (Spoils)
            {
                story.Numbers[0] = -1;
            }
        }
    }
}

public sealed record Story(string Title, List<int> Numbers);

public interface INews : IGrainObserver
{
    ValueTask Told(Story story);
}

public interface IReader : INews, IGrainWithStringKey
{
    ValueTask Subscribe(string topic);

    ValueTask<INews> Pass(INews news);
}

public interface IShow : IGrainObserver
{
    void Note(int number);

    [OneWay]
    Task Wait(int number);

    ValueTask Shown(Payload<int> picture);
}

public interface IUsher : IGrainWithStringKey
{
    ValueTask<IShow> Pass(IShow show);
}

public sealed class UsherActor : Actor, IUsher
{
    public ValueTask<IShow> Pass(IShow show) => new(show);
}

public sealed class ReaderActor : Actor, IReader
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<int>> s_heard = new();

    public static ConcurrentQueue<int> Heard(string key) => s_heard.GetOrAdd(key, static _ => new ConcurrentQueue<int>());

    public async ValueTask Subscribe(string topic) => await Topic<INews>(topic).SubscribeAsync(AsReference<INews>());

    public ValueTask<INews> Pass(INews news) => new(news);

    public ValueTask Told(Story story)
    {
        Heard(Key.Text).Enqueue(story.Numbers[0]);
        return default;
    }
}
