using System.Collections.Concurrent;
using Kameo.Actors.Catalog;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Life;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Workers;

/// <summary>A stateless worker is a pool of activations on each node that hosts it.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_calls_run_side_by_side_up_to_its_limit_and_the_rest_wait(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IWorker worker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IWorker>(1);
        string room = Guid.NewGuid().ToString();
        Task<Guid>[] calls = [.. Enumerable.Range(0, 8).Select(_ => worker.Work(room).AsTask())];
        Room held = Room.Of(room);
        await Eventually.TrueAsync(() => held.Inside == 3, "three at a time");
        await cluster.Nodes[0].Get<IWorker>(2).Nothing(); // What was sent before this has arrived.
        Assert.Equal(3, held.Inside);
        held.Open();
        Guid[] who = await Task.WhenAll(calls).WaitAsync(s_deadline);
        Assert.Equal(3, who.Distinct().Count());
        Assert.Equal(3, held.Most);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_goes_to_an_idle_one_and_calls_one_after_the_other_to_the_same(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IWorker worker = (isLocal ? cluster.Nodes[0] : cluster.Clients[0]).Get<IWorker>(1);
        Guid first = await worker.Nothing();
        await BusyAsync(cluster, 0);
        string room = Guid.NewGuid().ToString();
        Task<Guid> busy = worker.Work(room).AsTask();
        await Eventually.TrueAsync(() => Room.Of(room).Inside == 1, "the busy one");
        Guid second = await worker.Nothing().AsTask().WaitAsync(s_deadline);
        Assert.NotEqual(first, second);
        await BusyAsync(cluster, 1);
        Assert.Equal(second, await worker.Nothing());
        Assert.Equal(2, cluster.Nodes[0].ActivationCount);
        Room.Of(room).Open();
        Assert.Equal(first, await busy);
    }

    [Fact]
    public async Task Idle_ones_are_collected()
    {
        var time = new TestTime();
        await using TimedCluster cluster = await TimedCluster.StartAsync(time);
        IWorker worker = cluster.Nodes[0].Get<IWorker>(1);
        string room = Guid.NewGuid().ToString();
        Task<Guid>[] calls = [.. Enumerable.Range(0, 3).Select(_ => worker.Work(room).AsTask())];
        await Eventually.TrueAsync(() => Room.Of(room).Inside == 3, "three");
        Assert.Equal(3, cluster.Nodes[0].ActivationCount);
        Room.Of(room).Open();
        await Task.WhenAll(calls);
        for (int minute = 0; minute < 20; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await worker.Nothing(); // One is enough.
        }

        await Eventually.TrueAsync(() => cluster.Nodes[0].ActivationCount == 1, "the two others to be collected");
        await worker.Nothing();
    }

    [Fact]
    public async Task A_node_that_hosts_it_calls_its_own_and_any_other_one_that_hosts_it()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        for (int key = 0; key < 16; key++)
        {
            foreach (ActorNode node in cluster.Nodes)
            {
                Assert.True(node.Get<IWorker>(key).IsHere());
                Assert.Equal(node.Id.ToString(), await node.Get<IWorker>(key).Where());
            }

            Assert.Contains(await cluster.Clients[0].Get<IWorker>(key).Where(), cluster.Nodes.Select(static node => node.Id.ToString()));
        }
    }

    [Fact]
    public async Task Calls_that_wait_behind_one_that_ends_go_to_its_successor()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        IWorker worker = cluster.Clients[0].Get<IWorker>(1);
        Task<Guid>[] calls = [.. Enumerable.Range(0, 500).Select(_ => worker.Last().AsTask())];
        Guid[] who = await Task.WhenAll(calls).WaitAsync(s_deadline);
        Assert.True(who.Distinct().Count() > 3);
        await Eventually.TrueAsync(() => cluster.Nodes[0].ActivationCount <= 3, "no more than the limit");
    }

    [Fact]
    public async Task Each_call_finds_the_idle_one_under_load()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        IWorker worker = cluster.Nodes[0].Get<IWorker>(9);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (int call = 0; call < 5_000; call++)
            {
                await worker.Nothing();
            }
        }))).WaitAsync(s_deadline);
        Assert.InRange(cluster.Nodes[0].ActivationCount, 1, 3);
    }

    [Fact]
    public void Its_limit_is_the_attributes_or_the_number_of_processors()
    {
        Assert.Equal(3, ActorCatalog.FindClass(typeof(WorkerActor).FullName!)!.WorkersMax);
        Assert.Equal(Environment.ProcessorCount, ActorCatalog.FindClass(typeof(DefaultWorkerActor).FullName!)!.WorkersMax);
        Assert.Equal(0, ActorCatalog.FindClass(typeof(Kameo.Actors.Tests.Actors.CounterActor).FullName!)!.WorkersMax);
    }

    /// <summary>Waits until no more than so many are in a turn: an answer comes before its turn has ended.</summary>
    private static Task BusyAsync(TestCluster cluster, int count) =>
        Eventually.TrueAsync(() => cluster.Nodes[0].Activations.All.Count(static one => !one.IsUnused(long.MaxValue)) == count, "the turn to have ended");
}

/// <summary>Where calls of a test meet.</summary>
public sealed class Room
{
    private static readonly ConcurrentDictionary<string, Room> s_rooms = new();

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;
    private int _most;

    public int Inside => Volatile.Read(ref _inside);

    public int Most => Volatile.Read(ref _most);

    public static Room Of(string name) => s_rooms.GetOrAdd(name, static _ => new Room());

    public void Open() => _open.SetResult();

    public async Task VisitAsync()
    {
        int inside = Interlocked.Increment(ref _inside);
        InterlockedMax(inside);
        await _open.Task;
        Interlocked.Decrement(ref _inside);
    }

    private void InterlockedMax(int inside)
    {
        for (int seen = Most; seen < inside; seen = Most)
        {
            Interlocked.CompareExchange(ref _most, inside, seen);
        }
    }
}

public interface IWorker : IGrainWithIntegerKey
{
    ValueTask<Guid> Work(string room);

    ValueTask<Guid> Nothing();

    ValueTask<Guid> Last();

    ValueTask<string> Where();
}

[StatelessWorker(3)]
public sealed class WorkerActor(ActorNode node) : Actor, IWorker
{
    private readonly Guid _who = Guid.NewGuid();

    public async ValueTask<Guid> Work(string room)
    {
        await Room.Of(room).VisitAsync();
        return _who;
    }

    public ValueTask<Guid> Nothing() => new(_who);

    public async ValueTask<Guid> Last()
    {
        await Task.Yield();
        DeactivateOnIdle();
        return _who;
    }

    public ValueTask<string> Where() => new(node.Id.ToString());
}

public interface IDefaultWorker : IGrainWithIntegerKey
{
    ValueTask Nothing();
}

[StatelessWorker]
public sealed class DefaultWorkerActor : Actor, IDefaultWorker
{
    public ValueTask Nothing() => default;
}
