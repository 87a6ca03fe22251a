using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Placement;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Tests.Inbound;

/// <summary>Requests of one received batch wait for their actor together, and run without call objects: everything else is as for any call.</summary>
public sealed class InboundCallsTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task They_wait_in_a_few_items_and_all_of_them_count()
    {
        var still = new TestTime(); // Nobody looks for deadlocks meanwhile, for which each call gets an object.
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, options => options.TimeProvider = still);
        (ICrowd crowd, string key) = await MeetAsync(cluster);
        Task<string> gate = crowd.Wait("waits").AsTask();
        await Eventually.TrueAsync(() => Crowd.NotesOf(key).Length == 2, "the turn that the others wait for");
        Task<string>[] asks = Together.Send(() => Enumerable.Range(0, 100).Select(number => crowd.Note($"{number}").AsTask()).ToArray());
        Activation activation = cluster.Nodes[0].Activations.TryFind(ActorId.Of(crowd))!;
        await Eventually.TrueAsync(() => ItemsIn(activation).Sum(static item => item is InboundCalls calls ? calls.Close() : 1) == 100, "the executor to have all");
        InboxItem[] items = [.. ItemsIn(activation)];
        await Eventually.TrueAsync(() => activation.QueuedCalls == 100, "the executor to have said what it took");
        Assert.InRange(items.Length, 5, 50); // The first of each batch has an object.
        Assert.Contains(items, static item => item is InboundCalls);
        Crowd.GateOf(key).SetResult();
        await Task.WhenAll(asks).WaitAsync(s_deadline);
        await gate;
        Assert.Equal(Enumerable.Range(0, 100).Select(static number => $"{number}"), Crowd.NotesOf(key)[2..]);
        await Eventually.TrueAsync(() => activation.QueuedCalls == 0, "the executor to have said that it took all");
    }

    [Fact]
    public async Task Each_ends_as_any_call_would_and_they_run_in_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        (ICrowd crowd, string key) = await MeetAsync(cluster);
        ICrowd other = cluster.Clients[0].Get<ICrowd>(key + "-other");
        List<Task> asks = Together.Send(() =>
        {
            var sent = new List<Task>();
            for (int number = 0; number < 10; number++)
            {
                sent.Add(crowd.Note($"{number}a").AsTask());
                sent.Add(crowd.Tell().Note($"{number}b").AsTask());
                sent.Add(crowd.NoteOnly($"{number}c").AsTask());
                sent.Add(crowd.NoteLater($"{number}d").AsTask());
                sent.Add(crowd.Throw($"{number}e").AsTask());
                sent.Add(crowd.Tell().Throw($"{number}f").AsTask());
                sent.Add(crowd.ThrowLater($"{number}g").AsTask());
                sent.Add(crowd.Tell().NoteLater($"{number}h").AsTask());
                sent.Add(crowd.Forward($"{number}i", key + "-other").AsTask());
                sent.Add(crowd.NameOf($"{number}j", other).AsTask());
            }

            return sent;
        });
        await Task.WhenAll(asks).WaitAsync(s_deadline).ContinueWith(static _ => { }, TaskScheduler.Default);
        string[] letters = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number / 10}{letters[number % 10]}"), Crowd.NotesOf(key)[1..]);
        for (int index = 0; index < asks.Count; index++)
        {
            switch (letters[index % 10])
            {
                case "e" or "g":
                    Assert.Equal($"{index / 10}{letters[index % 10]}", (await Assert.ThrowsAsync<ArgumentException>(() => asks[index])).Message);
                    break;
                case "a" or "d":
                    Assert.Equal(cluster.Nodes[0].Id.ToString(), await (Task<string>)asks[index]);
                    break;
                case "i" or "j":
                    Assert.Equal(key + "-other", await (Task<string>)asks[index]);
                    break;
                default:
                    await asks[index];
                    break;
            }
        }
    }

    [Fact]
    public async Task A_result_that_cannot_be_sent_fails_its_own_ask_and_no_turn()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        (ICrowd crowd, string key) = await MeetAsync(cluster);
        (Task<string>[] before, Task<byte[]> large, Task<string> after) = Together.Send(() => (
            Enumerable.Range(0, 3).Select(number => crowd.Note($"{number}").AsTask()).ToArray(), crowd.TooLarge("large").AsTask(), crowd.Note("after").AsTask()));
        ActorCallException told = await Assert.ThrowsAnyAsync<ActorCallException>(() => large.WaitAsync(s_deadline));
        Assert.Equal(CallOutcome.Ran, told.Outcome);
        Assert.IsNotType<ActorFaultException>(told); // The actor did nothing wrong.
        await Task.WhenAll([.. before, after]).WaitAsync(s_deadline);
        Assert.Equal(["met", "0", "1", "2", "large", "after"], Crowd.NotesOf(key));
    }

    [Fact]
    public async Task What_a_turn_asks_must_be_answered_while_somebody_waits_for_it()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        (ICrowd crowd, _) = await MeetAsync(cluster);
        Task<long>[] asks = Together.Send(() => Enumerable.Range(0, 10).Select(_ => crowd.Left().AsTask()).ToArray());
        Assert.All(await Task.WhenAll(asks).WaitAsync(s_deadline), static left => Assert.InRange(left, 1, 5_000));
    }

    [Fact]
    public async Task Who_waited_too_long_is_not_served()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        (ICrowd crowd, string key) = await MeetAsync(cluster);
        Task<string> gate = crowd.Block("waits").AsTask();
        await Eventually.TrueAsync(() => Crowd.NotesOf(key).Length == 2, "the turn that the others wait for");
        Activation activation = cluster.Nodes[0].Activations.TryFind(ActorId.Of(crowd))!;
        long before = activation.QueuedCalls; // Its executor is in that turn, and says nothing meanwhile.
        var timeout = TimeSpan.FromMilliseconds(100);
        ICrowd hasty = crowd.WithTimeout(timeout);
        Task<string>[] asks = Together.Send(() => Enumerable.Range(0, 20).Select(number => hasty.Note($"{number}").AsTask()).ToArray());
        foreach (Task<string> ask in asks)
        {
            await Assert.ThrowsAsync<AskTimeoutException>(() => ask.WaitAsync(s_deadline));
        }

        // What is sent is how much time is left: there they end when that has passed since they came.
        await Eventually.TrueAsync(() => activation.QueuedCalls == before + asks.Length, "all to have come");
        long until = cluster.Nodes[0].Clock.After(timeout);
        await Eventually.TrueAsync(() => cluster.Nodes[0].Clock.NowMilliseconds > until, "their deadline there to have passed");
        Crowd.GateOf(key).SetResult();
        await gate.WaitAsync(s_deadline);
        await crowd.Note("last").AsTask().WaitAsync(s_deadline);
        Assert.Equal(["met", "waits", "last"], Crowd.NotesOf(key));
    }

    [Fact]
    public async Task Those_that_bar_each_other_are_found_among_them()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        string[] keys = [.. Enumerable.Range(0, 64).Select(number => $"{Guid.NewGuid():n}{number}")];
        string here = keys.First(key => cluster.Nodes[0].Get<ICrowd>(key).IsHere());
        string there = keys.First(key => cluster.Nodes[1].Get<ICrowd>(key).IsHere());
        Task<string> circle = cluster.Nodes[0].Get<ICrowd>(here).AskThrough(there).AsTask();
        Exception told = await Assert.ThrowsAnyAsync<Exception>(() => circle.WaitAsync(s_deadline));
        Assert.Contains(nameof(ActorDeadlockException), told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_that_got_objects_meanwhile_run_in_order_too()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        (ICrowd crowd, string key) = await MeetAsync(cluster);
        Task<string> gate = crowd.Wait("waits").AsTask();
        await Eventually.TrueAsync(() => Crowd.NotesOf(key).Length == 2, "the turn that the others wait for");
        Task<string>[] asks = Together.Send(() => Enumerable.Range(0, 100).Select(number => crowd.Note($"{number}").AsTask()).ToArray());
        Activation activation = cluster.Nodes[0].Activations.TryFind(ActorId.Of(crowd))!;
        await Eventually.TrueAsync(() => ItemsIn(activation).Count(static item => item is ActorCall) == 100, "the search for deadlocks to have looked");

        Crowd.GateOf(key).SetResult();
        await Task.WhenAll([gate, .. asks]).WaitAsync(s_deadline);
        Assert.Equal(Enumerable.Range(0, 100).Select(static number => $"{number}"), Crowd.NotesOf(key)[2..]);
    }

    [Fact]
    public async Task They_move_with_their_actor_in_order()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode client = await cluster.AddClientAsync();
        string world = Guid.NewGuid().ToString("n");
        string[] keys = [.. Enumerable.Range(0, 12).Select(number => $"{world}{number}")];
        Dictionary<string, Task<string>> turns = [];
        foreach (string key in keys)
        {
            turns[key] = client.Get<ICrowd>(key).Wait("waits").AsTask();
            await Eventually.TrueAsync(() => Crowd.NotesOf(key).Length == 1, "the turn");
        }

        Dictionary<string, Task<string>[]> asks = Together.Send(() => keys.ToDictionary(static key => key, key => Enumerable.Range(0, 40).Select(number => client.Get<ICrowd>(key).Note($"{number}").AsTask()).ToArray()));
        ActorNode joiner = await cluster.JoinAsync();
        ActorNode old = cluster.Members[0];
        await Eventually.TrueAsync(() => old.Slots!.Epoch == joiner.Transport.Membership!.Epoch && keys.Any(key => OwnerOf(old, key) == joiner.Id), "actors to go to the new node");
        string[] moved = [.. keys.Where(key => OwnerOf(old, key) == joiner.Id)];
        foreach (string key in moved)
        {
            await Eventually.TrueAsync(() => old.Activations.TryFind(new ActorId(typeof(CrowdActor).FullName!, ActorKey.Of(key)))?.PendingEnd == DeactivationReason.Moved, "it to be told that it goes");
        }

        foreach (string key in keys)
        {
            Crowd.GateOf(key).SetResult();
        }

        foreach (string key in keys)
        {
            Assert.Equal(old.Id.ToString(), await turns[key].WaitAsync(s_deadline));
            string[] nodes = await Task.WhenAll(asks[key]).WaitAsync(s_deadline);
            Assert.Equal([(moved.Contains(key) ? joiner : old).Id.ToString()], nodes.Distinct());
            Assert.Equal(["waits", .. Enumerable.Range(0, 40).Select(static number => $"{number}")], Crowd.NotesOf(key));
        }

        await cluster.SettleAsync();
    }

    [Fact]
    public async Task Those_that_wait_when_their_node_stops_are_refused()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, static options => options.DrainTimeout = TimeSpan.FromSeconds(5));
        (ICrowd crowd, string key) = await MeetAsync(cluster);
        Task<string> gate = crowd.Wait("waits").AsTask();
        await Eventually.TrueAsync(() => Crowd.NotesOf(key).Length == 2, "the turn that the others wait for");
        Task<string>[] asks = Together.Send(() => Enumerable.Range(0, 40).Select(number => crowd.Note($"{number}").AsTask()).ToArray());
        Activation activation = cluster.Nodes[0].Activations.TryFind(ActorId.Of(crowd))!;
        await Eventually.TrueAsync(() => activation.QueuedCalls == 40, "all to be in the mailbox");
        Task stopped = cluster.Nodes[0].DisposeAsync().AsTask();
        await Eventually.TrueAsync(() => EndAskedOf(activation) != 0 || activation.PendingEnd != 0, "it to be asked to end");
        Crowd.GateOf(key).SetResult();
        await stopped.WaitAsync(s_deadline);
        await gate.WaitAsync(s_deadline);
        foreach (Task<string> ask in asks)
        {
            ActorCallException told = await Assert.ThrowsAnyAsync<ActorCallException>(() => ask.WaitAsync(s_deadline));
            Assert.Equal(CallOutcome.NotRun, told.Outcome);
        }

        Assert.Equal(["met", "waits"], Crowd.NotesOf(key));
    }

    private static PeerId? OwnerOf(ActorNode at, string key)
    {
        var id = new ActorId(typeof(CrowdActor).FullName!, ActorKey.Of(key));
        return at.Slots!.GroupOf(id.ClassName)?.OwnerOf(SlotHash.SlotOf(id)).Peer;
    }

    private static async Task<(ICrowd Crowd, string Key)> MeetAsync(TestCluster cluster)
    {
        string key = Guid.NewGuid().ToString("n");
        ICrowd crowd = cluster.Clients[0].Get<ICrowd>(key);
        await crowd.Note("met");
        return (crowd, key);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_waiting")]
    private static extern ref TurnQueue WaitingIn(Activation activation);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_endAsked")]
    private static extern ref byte EndAskedOf(Activation activation);

    private static IEnumerable<InboxItem> ItemsIn(Activation activation)
    {
        for (InboxItem? item = WaitingIn(activation).First; item is not null; item = item.NextItem)
        {
            yield return item;
        }
    }
}
