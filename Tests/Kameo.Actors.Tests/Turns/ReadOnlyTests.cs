namespace Kameo.Actors.Tests.Turns;

/// <summary><c>[ReadOnly]</c> methods start beside each other; whatever else an actor does is alone with it.</summary>
public sealed class ReadOnlyTests
{
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

    /// <summary>A call that may start is not held up by one that may not: as in Orleans, reads pass a write that waits for reads.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_passes_exclusive_calls_that_wait_for_a_read_and_these_keep_their_order(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote);
        Task first = shelf.Actor.Read("r1");
        await shelf.EnteredAsync("r1");
        shelf.Open("w1", "w2");
        Task[] writes = [shelf.Actor.Visit("w1"), shelf.Actor.Visit("w2")];
        Task second = shelf.Actor.Read("r2");
        await shelf.EnteredAsync("r2");
        await shelf.EndAsync("r1", first);
        await shelf.EndAsync("r2", second);
        await Task.WhenAll(writes);
        await shelf.NotedAsync("r1 begins", "r2 begins", "r1 ends", "r2 ends", "w1 begins", "w1 ends", "w2 begins", "w2 ends");
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
