using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>An actor that is in a turn when its slot moves, and what is sent to it meanwhile.</summary>
public sealed class BusyActorTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Fact]
    public async Task A_turn_ends_where_it_began_and_what_waited_runs_at_the_new_node_in_order()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode old = cluster.Members[0];
        ActorNode client = await cluster.AddClientAsync();
        Dictionary<string, (ProbeGates.Gate Gate, Task<string> Turn)> busy = await MakeBusyAsync(client, 12, "queue");
        foreach (string key in busy.Keys)
        {
            _ = client.Get<IHeld>(key).Note("before");
        }

        ActorNode joiner = await cluster.JoinAsync();
        string moved = await FindMovedAsync(cluster, joiner, busy.Keys);
        List<Task> later = [];
        for (int number = 0; number < 20; number++)
        {
            later.Add(client.Get<IHeld>(moved).Note($"client{number}").AsTask());
            later.Add(old.Get<IHeld>(moved).Note($"old{number}").AsTask());
            later.Add(joiner.Get<IHeld>(moved).Note($"joiner{number}").AsTask());
        }

        // Others of the node go on at once, whatever waits.
        await Eventually.TrueAsync(() => joiner.Slots!.Epoch == old.Slots!.Epoch, "the view");
        foreach (int other in Enumerable.Range(0, 40))
        {
            await client.Get<IHeld>($"idle-{other}-{moved}").Node().AsTask().WaitAsync(s_deadline);
        }

        Assert.DoesNotContain(later, static task => task.IsCompleted);
        Assert.Equal(["activated " + old.Id], HeldNotes.Of(moved));
        foreach ((ProbeGates.Gate gate, Task<string> turn) in busy.Values)
        {
            gate.Open.SetResult();
            Assert.Equal(old.Id.ToString(), await turn.WaitAsync(s_deadline));
        }

        await Task.WhenAll(later).WaitAsync(s_deadline);
        string[] notes = [.. HeldNotes.Of(moved)];
        Assert.Equal([$"activated {old.Id}", $"waited {old.Id}", $"deactivated {old.Id} Moved", $"activated {joiner.Id}", $"before {joiner.Id}"], notes[..5]);
        foreach (string caller in (string[])["client", "old", "joiner"])
        {
            Assert.Equal(Enumerable.Range(0, 20).Select(number => $"{caller}{number} {joiner.Id}"), notes.Where(note => note.StartsWith(caller, StringComparison.Ordinal)));
        }

        await cluster.SettleAsync();
    }

    [Fact]
    public async Task A_call_chain_comes_back_into_a_turn_whose_slot_has_moved()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode client = await cluster.AddClientAsync();
        string world = Guid.NewGuid().ToString("n");
        List<(string Key, Task<string> Turn)> turns = [];
        for (int number = 0; number < 12; number++)
        {
            string key = $"{world}chain{number}";
            turns.Add((key, client.Get<IHeld>(key).AskThrough($"{key}-other", key).AsTask()));
            await ProbeGates.Of(key).Entered.Task.WaitAsync(s_deadline);
        }

        ActorNode joiner = await cluster.JoinAsync();
        await FindMovedAsync(cluster, joiner, turns.Select(static turn => turn.Key));
        string old = cluster.Members[0].Id.ToString();
        foreach ((string key, Task<string> turn) in turns)
        {
            ProbeGates.Of(key).Open.SetResult();
            Assert.Equal($"{old} {old}", await turn.WaitAsync(s_deadline));
        }

        await cluster.SettleAsync();
    }

    [Fact]
    public async Task A_turn_that_takes_longer_than_the_drain_timeout_is_told_to_end()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1, static options => options.DrainTimeout = TimeSpan.FromSeconds(1));
        ActorNode old = cluster.Members[0];
        Dictionary<string, (ProbeGates.Gate Gate, Task<string> Turn)> busy = await MakeBusyAsync(old, 12, "drain");
        ActorNode joiner = await cluster.JoinAsync();
        string moved = await FindMovedAsync(cluster, joiner, busy.Keys);
        await busy[moved].Gate.Cancelled.Task.WaitAsync(s_deadline);
        Assert.Equal(old.Id.ToString(), await busy[moved].Turn.WaitAsync(s_deadline));
        Assert.Equal(joiner.Id.ToString(), await old.Get<IHeld>(moved).Node().AsTask().WaitAsync(s_deadline));
        Assert.Contains(busy.Values, static one => !one.Turn.IsCompleted); // Those that stayed are left alone.
        foreach ((ProbeGates.Gate gate, _) in busy.Values)
        {
            gate.Open.TrySetResult();
        }

        await cluster.SettleAsync();
    }

    [Fact]
    public async Task Whatever_a_call_carries_arrives_whole_when_it_waited_for_an_actor_that_moved()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode client = await cluster.AddClientAsync();
        Dictionary<string, (ProbeGates.Gate Gate, Task<string> Turn)> busy = await MakeBusyAsync(client, 12, "carry");
        List<Func<Task>> checks = [];
        foreach (ActorNode caller in (ActorNode[])[client, cluster.Members[0]])
        {
            foreach (string key in busy.Keys)
            {
                checks.Add(Send(caller, key, 1)); // In the mailbox of the one that is busy.
            }
        }

        ActorNode joiner = await cluster.JoinAsync();
        string moved = await FindMovedAsync(cluster, joiner, busy.Keys);
        foreach (ActorNode caller in (ActorNode[])[client, cluster.Members[0], joiner])
        {
            checks.Add(Send(caller, moved, 2)); // On the way to it.
        }

        foreach ((ProbeGates.Gate gate, _) in busy.Values)
        {
            gate.Open.SetResult();
        }

        await Task.WhenAll(checks.Select(static check => check())).WaitAsync(s_deadline); // Together: one's turn may be behind another's that is to be cancelled.

        await Eventually.TrueAsync(() => HeldNotes.Of(moved).Count(static note => note == "kept 400000 True") == 5, "large tells");
        Assert.Single(HeldNotes.Of(moved), note => note == $"activated {joiner.Id}");
        await cluster.SettleAsync();
    }

    [Fact]
    public async Task A_waiting_call_can_be_given_up_and_has_its_own_time()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode client = await cluster.AddClientAsync();
        Dictionary<string, (ProbeGates.Gate Gate, Task<string> Turn)> busy = await MakeBusyAsync(client, 12, "giveup");
        ActorNode joiner = await cluster.JoinAsync();
        string moved = await FindMovedAsync(cluster, joiner, busy.Keys);
        foreach (ActorNode caller in (ActorNode[])[client, cluster.Members[0], joiner])
        {
            using var giveUp = new CancellationTokenSource();
            Task<string> given = caller.Get<IHeld>(moved).Wait("never", giveUp.Token).AsTask();
            Task<string> late = caller.Get<IHeld>(moved).WithTimeout(TimeSpan.FromMilliseconds(200)).Node().AsTask();
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given.WaitAsync(s_deadline));
            await Assert.ThrowsAsync<AskTimeoutException>(() => late.WaitAsync(s_deadline));
        }

        foreach ((ProbeGates.Gate gate, _) in busy.Values)
        {
            gate.Open.SetResult();
        }

        Assert.Equal(joiner.Id.ToString(), await client.Get<IHeld>(moved).Node().AsTask().WaitAsync(s_deadline));
        Assert.False(ProbeGates.Of("never").Entered.Task.IsCompleted);
        await cluster.SettleAsync();
    }

    [Fact]
    public async Task Turns_that_overlap_without_end_do_not_keep_an_actor_from_moving()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1, static options => options.DrainTimeout = TimeSpan.FromSeconds(1));
        ActorNode client = await cluster.AddClientAsync();
        string world = Guid.NewGuid().ToString("n");
        string[] keys = [.. Enumerable.Range(0, 12).Select(number => $"{world}pulse{number}")];
        var turns = keys.ToDictionary(static key => key, key => client.Get<IPulse>(key).Wait($"{key}/0").AsTask());
        foreach (string key in keys)
        {
            await ProbeGates.Of($"{key}/0").Entered.Task.WaitAsync(s_deadline);
        }

        ActorNode joiner = await cluster.JoinAsync();
        string moved = await FindMovedAsync(cluster, joiner, keys, typeof(PulseActor));
        Task<string> before = turns[moved];
        long end = Environment.TickCount64 + (long)s_deadline.TotalMilliseconds;
        for (int number = 1; ; number++)
        {
            // The next has begun, or waits, before the one before it ends.
            Task<string> next = client.Get<IPulse>(moved).Wait($"{moved}/{number}").AsTask();
            await Task.WhenAny(ProbeGates.Of($"{moved}/{number}").Entered.Task, Task.Delay(TimeSpan.FromMilliseconds(100)));
            ProbeGates.Of($"{moved}/{number - 1}").Open.TrySetResult();
            if (await before.WaitAsync(s_deadline) == joiner.Id.ToString())
            {
                ProbeGates.Of($"{moved}/{number}").Open.TrySetResult();
                break;
            }

            Assert.True(Environment.TickCount64 < end, "it stays");
            before = next;
        }

        foreach (string key in keys)
        {
            ProbeGates.Of($"{key}/0").Open.TrySetResult();
        }
    }

    [Fact]
    public async Task Timers_end_with_the_move_and_the_end_is_told_once()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode old = cluster.Members[0];
        string world = Guid.NewGuid().ToString("n");
        string[] keys = [.. Enumerable.Range(0, 12).Select(number => $"{world}timer{number}")];
        foreach (string key in keys)
        {
            await old.Get<IHeld>(key).StartTimer(key);
            await ProbeGates.Of(key).Passed.Task.WaitAsync(s_deadline);
        }

        ActorNode joiner = await cluster.JoinAsync();
        await cluster.SettleAsync();
        string[] moved = [.. keys.Where(key => HeldNotes.Of(key).Contains($"deactivated {old.Id} Moved"))];
        Assert.InRange(moved.Length, 1, keys.Length - 1);
        foreach (string key in moved)
        {
            Assert.Equal(joiner.Id.ToString(), await old.Get<IHeld>(key).Node().AsTask().WaitAsync(s_deadline));
            string[] notes = [.. HeldNotes.Of(key)];
            Assert.Equal([$"activated {old.Id}", $"deactivated {old.Id} Moved", $"activated {joiner.Id}"], notes.Where(static note => !note.StartsWith("tick", StringComparison.Ordinal)));
            int end = Array.FindIndex(notes, static note => note.StartsWith("deactivated", StringComparison.Ordinal));
            Assert.DoesNotContain(notes[end..], static note => note.StartsWith("tick", StringComparison.Ordinal));
        }
    }

    /// <summary>Sends one of everything; what is given back waits for all and looks.</summary>
    private static Func<Task> Send(ActorNode caller, string key, int round)
    {
        IHeld actor = caller.Get<IHeld>(key);
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(static index => (byte)index)];
        Task<int> read = actor.Read(new MemoryStream(bytes)).AsTask();
        Task<int> sum = actor.Sum(Numbers(1000)).AsTask();
        Task<Payload<int>> twice = actor.Twice(Payload.Copy<int>([.. Enumerable.Range(0, 50_000)])).AsTask();
        RequestContext.Set("said", $"{key}{round}");
        Task<string?> said = actor.Said().AsTask();
        RequestContext.Clear();
        Task told = actor.Tell().Keep([.. Enumerable.Range(0, 400_000).Select(static index => (byte)(index * 7))]).AsTask();
        string gate = $"{key}{round}{caller.Id}";
        var cancel = new CancellationTokenSource();
        Task<bool> cancelled = actor.UntilCancelled(gate, cancel.Token).AsTask();
        Task<List<int>> counted = CollectAsync(actor.Count(10));
        return async () =>
        {
            Assert.Equal(bytes.Length, await read);
            Assert.Equal(500_500, await sum);
            Payload<int> doubled = await twice;
            Assert.Equal(Enumerable.Range(0, 50_000).Select(static number => number * 2), doubled.Span.ToArray());
            doubled.Dispose();
            Assert.Equal($"{key}{round}", await said);
            await told;
            await ProbeGates.Of(gate).Entered.Task;
            await cancel.CancelAsync();
            await ProbeGates.Of(gate).Cancelled.Task;
            await cancelled.ContinueWith(static _ => { }, TaskScheduler.Default);
            Assert.Equal(Enumerable.Range(1, 10), await counted);
            cancel.Dispose();
        };
    }

    private static async Task<List<int>> CollectAsync(IAsyncEnumerable<int> numbers)
    {
        List<int> all = [];
        await foreach (int number in numbers)
        {
            all.Add(number);
        }

        return all;
    }

    private static async IAsyncEnumerable<int> Numbers(int to)
    {
        for (int number = 1; number <= to; number++)
        {
            if (number % 100 == 0)
            {
                await Task.Yield();
            }

            yield return number;
        }
    }

    private static async Task<Dictionary<string, (ProbeGates.Gate Gate, Task<string> Turn)>> MakeBusyAsync(ActorNode from, int count, string name)
    {
        Dictionary<string, (ProbeGates.Gate, Task<string>)> busy = [];
        string world = Guid.NewGuid().ToString("n");
        for (int number = 0; number < count; number++)
        {
            string key = $"{world}{name}{number}";
            ProbeGates.Gate gate = ProbeGates.Of(key);
            busy.Add(key, (gate, from.Get<IHeld>(key).Wait(key).AsTask()));
            await gate.Entered.Task.WaitAsync(s_deadline);
        }

        return busy;
    }

    /// <summary>One of the actors whose slot a node has now.</summary>
    private static Task<string> FindMovedAsync(RealCluster cluster, ActorNode at, IEnumerable<string> keys) => FindMovedAsync(cluster, at, keys, typeof(HeldActor));

    private static async Task<string> FindMovedAsync(RealCluster cluster, ActorNode at, IEnumerable<string> keys, Type @class)
    {
        foreach (ActorNode member in cluster.Members)
        {
            await Eventually.TrueAsync(() => member.Slots!.GroupOf(@class.FullName!) is not null && member.Slots.Epoch == at.Transport.Membership!.Epoch, "the view");
        }

        return keys.First(key => OwnerOf(at, @class, key) == at.Id);
    }

    private static Transport.PeerId OwnerOf(ActorNode at, Type @class, string key)
    {
        var id = new ActorId(@class.FullName!, ActorKey.Of(key));
        return at.Slots!.GroupOf(id.ClassName)!.OwnerOf(Placement.SlotHash.SlotOf(id)).Peer;
    }
}
