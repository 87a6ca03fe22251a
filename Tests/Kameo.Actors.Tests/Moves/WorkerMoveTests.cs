using Kameo.Actors.Activations;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Workers;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Stateless workers have no place that could move: each node has its own, and calls go on when nodes come and go.</summary>
public sealed class WorkerMoveTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Fact]
    public async Task They_stay_where_they_are_when_slots_pass_on()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode old = cluster.Members[0];
        Guid[] before = new Guid[40];
        for (int key = 0; key < before.Length; key++)
        {
            before[key] = await old.Get<IWorker>(key).Nothing();
        }

        ActorNode joiner = await cluster.JoinAsync();
        await cluster.SettleAsync();
        for (int key = 0; key < before.Length; key++)
        {
            Assert.Equal(before[key], await old.Get<IWorker>(key).Nothing().AsTask().WaitAsync(s_deadline)); // The same one, though half of the slots are the other's.
            Assert.Equal(old.Id.ToString(), await old.Get<IWorker>(key).Where());
            Assert.Equal(joiner.Id.ToString(), await joiner.Get<IWorker>(key).Where());
        }

        await cluster.LeaveAsync(joiner);
        for (int key = 0; key < before.Length; key++)
        {
            Assert.Equal(before[key], await old.Get<IWorker>(key).Nothing().AsTask().WaitAsync(s_deadline));
        }
    }

    [Fact]
    public async Task No_call_fails_when_a_node_with_some_leaves_in_good_order()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(3);
        ActorNode client = await cluster.AddClientAsync();
        using var stop = new CancellationTokenSource();
        int answered = 0;
        int[] calls = new int[8];
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        Task[] callers = [.. Enumerable.Range(0, calls.Length).Select(first => Task.Run(async () =>
        {
            for (int call = 0; !stop.IsCancellationRequested; call++)
            {
                string node = await client.Get<IWorker>(first + (calls.Length * (call % 50))).Where().AsTask().WaitAsync(s_deadline);
                seen.AddOrUpdate(node, 1, static (_, count) => count + 1);
                Volatile.Write(ref calls[first], call + 1);
                Interlocked.Increment(ref answered);
            }
        }))];
        await Life.Eventually.TrueAsync(() => seen.Count == 3 || callers.Any(static caller => caller.IsCompleted), "answers of all three");
        ActorNode gone = cluster.Members[1];
        await cluster.LeaveAsync(gone);
        int[] under = [.. calls.Select(static call => call + 1)]; // Those that were under way may still be answered from there.
        await Life.Eventually.TrueAsync(() => Enumerable.Range(0, calls.Length).All(first => Volatile.Read(ref calls[first]) >= under[first]) || callers.Any(static caller => caller.IsCompleted), "them to end");
        int before = seen[gone.Id.ToString()];
        int now = Volatile.Read(ref answered);
        await Life.Eventually.TrueAsync(() => Volatile.Read(ref answered) > now + 1_000 || callers.Any(static caller => caller.IsCompleted), "more answers");
        await stop.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(s_deadline);
        Assert.Equal(before, seen[gone.Id.ToString()]);
    }

    [Fact]
    public async Task While_a_node_that_leaves_finishes_what_its_own_have_the_others_are_called()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(2);
        ActorNode client = await cluster.AddClientAsync();
        (ActorNode stays, ActorNode goes) = (cluster.Members[0], cluster.Members[1]);
        string room = Guid.NewGuid().ToString();
        Task<Guid>[] held = [.. Enumerable.Range(0, 5).Select(_ => goes.Get<IWorker>(1).Work(room).AsTask())]; // Three run, two wait.
        await Life.Eventually.TrueAsync(() => Room.Of(room).Inside == 3, "three");
        Task leaving = cluster.LeaveAsync(goes);
        await Life.Eventually.TrueAsync(async () => await goes.Get<IWorker>(1).Where() == stays.Id.ToString(), "a call from there that goes to the other");
        for (int key = 0; key < 40; key++)
        {
            Assert.Equal(stays.Id.ToString(), await client.Get<IWorker>(key).Where().AsTask().WaitAsync(s_deadline)); // It is passed on, where the client knows no better.
        }

        Assert.False(leaving.IsCompleted);
        Room.Of(room).Open();
        await Task.WhenAll(held).WaitAsync(s_deadline);
        await leaving.WaitAsync(s_deadline);
    }

    [Fact]
    public async Task One_whose_node_leaves_rests_while_calls_wait_in_it_for_its_turn()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(2);
        ActorNode goes = cluster.Members[1];
        string room = Guid.NewGuid().ToString();
        Task<Guid>[] held = [.. Enumerable.Range(0, 6).Select(_ => goes.Get<IWorker>(1).Work(room).AsTask())]; // Three run, three wait.
        await Life.Eventually.TrueAsync(() => Room.Of(room).Inside == 3, "three");
        Task leaving = cluster.LeaveAsync(goes);
        await Life.Eventually.TrueAsync(() => goes.Activations.LetsWorkersFinish, "its workers to be asked to finish");
        Activation[] workers = [.. goes.Activations.All];
        Array.ForEach(workers, static worker => worker.AskToEnd(DeactivationReason.ShuttingDown)); // As that does.
        (long Since, int Looks) rest = default;
        await Life.Eventually.TrueAsync(
            () =>
            {
                rest = workers.Any(static worker => worker.IsScheduled) || rest.Looks == 0 ? (Environment.TickCount64, 1) : (rest.Since, rest.Looks + 1);
                return rest.Looks > 1_000 && Environment.TickCount64 - rest.Since >= 50; // Each is looked at for deadlocks at some ticks, which are 100 ms apart.
            },
            "all to rest");
        Assert.False(leaving.IsCompleted);
        Room.Of(room).Open();
        await Task.WhenAll(held).WaitAsync(s_deadline);
        await leaving.WaitAsync(s_deadline);
    }
}
