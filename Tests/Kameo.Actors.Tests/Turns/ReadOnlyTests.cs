using Kameo.Actors.Activations;
using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Turns;

/// <summary><c>[ReadOnly]</c> methods start beside each other; whatever else an actor does is alone with it.</summary>
public sealed class ReadOnlyTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_run_beside_each_other(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote);
        Task[] reads = [shelf.Actor.Read("r1"), shelf.Actor.Read("r2"), shelf.Actor.Read("r3")];
        await shelf.EnteredAsync("r3");
        await shelf.EndAsync("r2", reads[1]);
        await shelf.EndAsync("r3", reads[2]);
        await shelf.EndAsync("r1", reads[0]);
        await shelf.NotedAsync("r1 begins", "r2 begins", "r3 begins", "r2 ends", "r3 ends", "r1 ends");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_waits_for_an_exclusive_turn_that_runs(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote);
        Task write = shelf.Actor.Visit("w");
        await shelf.EnteredAsync("w");
        shelf.Open("r");
        Task read = shelf.Actor.Read("r");
        await shelf.NotedAsync("w begins");
        await shelf.EndAsync("w", write);
        await read;
        await shelf.NotedAsync("w begins", "w ends", "r begins", "r ends");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exclusive_call_waits_for_all_reads_that_run(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote);
        Task[] reads = [shelf.Actor.Read("r1"), shelf.Actor.Read("r2")];
        await shelf.EnteredAsync("r2");
        shelf.Open("w");
        Task write = shelf.Actor.Visit("w");
        await shelf.NotedAsync("r1 begins", "r2 begins");
        await shelf.EndAsync("r1", reads[0]);
        await shelf.NotedAsync("r1 begins", "r2 begins", "r1 ends");
        await shelf.EndAsync("r2", reads[1]);
        await write;
        await shelf.NotedAsync("r1 begins", "r2 begins", "r1 ends", "r2 ends", "w begins", "w ends");
    }

    /// <summary>Reads that come one after the other, each before the last one has ended, do not keep a write waiting for ever.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_comes_behind_a_write_lets_it_go_first(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote, new TestTime());
        Task first = shelf.Actor.Read("r1");
        await shelf.EnteredAsync("r1");
        shelf.Open("w1", "w2", "r2");
        Task[] later = [shelf.Actor.Visit("w1"), shelf.Actor.Read("r2"), shelf.Actor.Visit("w2"), shelf.Actor.Read("r3")];
        await shelf.NotedAsync("r1 begins");
        await shelf.EndAsync("r1", first);
        await shelf.EnteredAsync("r3");
        await shelf.EndAsync("r3", Task.WhenAll(later));
        await shelf.NotedAsync("r1 begins", "r1 ends", "w1 begins", "w1 ends", "r2 begins", "r2 ends", "w2 begins", "w2 ends", "r3 begins", "r3 ends");
    }

    /// <summary>A turn that runs may wait for one of them on another node, so none is held back for ever; and a write that has been passed so is passed less often from then on.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_is_held_back_for_a_while_only_and_later_ones_for_longer(bool isRemote)
    {
        var time = new TestTime();
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote, time);
        List<Task> reads = [shelf.Actor.Read("r0")];
        await shelf.EnteredAsync("r0");
        shelf.Open("w");
        Task write = shelf.Actor.Visit("w");
        string[] notes = ["r0 begins"];
        await shelf.NotedAsync(notes);
        int held = WaitingWrite.HeldMillisecondsFirst;
        for (int round = 1; round <= 7; round++)
        {
            string[] names = [$"r{round}", $"r{round}, too"];
            reads.AddRange(names.Select(shelf.Actor.Read));
            await shelf.NotedAsync(notes);
            int waited = 0;
            while (!shelf.HasEntered(names[1]))
            {
                time.Advance(s_tick);
                waited += (int)s_tick.TotalMilliseconds;
                Assert.InRange(waited, 0, held + 300); // It is seen at a tick.
                notes = [.. (await shelf.Actor.Notes())];
            }

            Assert.InRange(waited, held, held + 300);
            held = Math.Min(held * 2, WaitingWrite.HeldMillisecondsMax);
        }

        Task last = shelf.Actor.Read("last");
        Assert.False(write.IsCompleted);
        shelf.Open(["r0", .. Enumerable.Range(1, 7).SelectMany(static round => new[] { $"r{round}", $"r{round}, too" })]);
        await Task.WhenAll(reads);
        await write;
        await shelf.EnteredAsync("last");
        await shelf.EndAsync("last", last);
        Assert.Equal(["w begins", "w ends", "last begins", "last ends"], (await shelf.Actor.Notes())[^4..]);
    }

    /// <summary>What a read needs to end is not held back behind the write that waits for that end.</summary>
    [Fact]
    public async Task A_read_that_a_read_waits_for_passes_a_write_at_once()
    {
        var time = new TestTime(); // It stands still.
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: options => options.TimeProvider = time);
        string key = Guid.NewGuid().ToString("n");
        IMirror mirror = cluster.Nodes[0].Get<IMirror>(key);
        Task<string> look = mirror.Look($"{key}/other");
        await Hall.GateOf(key, "reflects").Entered.Task.WaitAsync(s_deadline);
        Task write = mirror.Change();
        Task<string> other = mirror.Read();
        await mirror.Pass();
        Hall.GateOf(key, "reflects").Open.SetResult();
        using var timeout = new CancellationTokenSource(s_deadline);
        while (!look.IsCompleted)
        {
            if (timeout.IsCancellationRequested)
            {
                time.Advance(s_deadline); // Or the nodes would not end.
                Assert.Fail("The read did not pass.");
            }

            await mirror.Pass(); // Has it look at what waits: the turn may not have awaited its ask yet when that came.
        }

        Assert.Equal($"{key} unchanged", await look);
        await write.WaitAsync(s_deadline);
        Assert.Equal("changed", await other.WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_read_that_a_read_waits_for_passes_a_write_wherever_the_actors_between_them_are(int nodes)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes, configure: static options => options.AskTimeout = s_deadline);
        for (int number = 0; number < 4; number++)
        {
            string key = Guid.NewGuid().ToString("n");
            IMirror mirror = cluster.Nodes[0].Get<IMirror>(key);
            Task<string> look = mirror.Look($"{key}/other");
            await Hall.GateOf(key, "reflects").Entered.Task.WaitAsync(s_deadline);
            Task write = mirror.Change();
            await mirror.Pass();
            Hall.GateOf(key, "reflects").Open.SetResult();
            Assert.Equal($"{key} unchanged", await look.WaitAsync(s_deadline));
            await write.WaitAsync(s_deadline);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waited_for_an_exclusive_turn_starts_in_the_order_of_the_calls(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote);
        Task write = shelf.Actor.Visit("w1");
        await shelf.EnteredAsync("w1");
        shelf.Open("r1", "w2", "r2");
        Task[] later = [shelf.Actor.Read("r1"), shelf.Actor.Visit("w2"), shelf.Actor.Read("r2"), shelf.Actor.Read("r3")];
        await shelf.NotedAsync("w1 begins");
        await shelf.EndAsync("w1", write);
        await shelf.EnteredAsync("r3");
        await shelf.EndAsync("r3", Task.WhenAll(later));
        await shelf.NotedAsync("w1 begins", "w1 ends", "r1 begins", "r1 ends", "w2 begins", "w2 ends", "r2 begins", "r2 ends", "r3 begins", "r3 ends");
    }
}
