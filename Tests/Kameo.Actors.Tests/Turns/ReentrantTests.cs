namespace Kameo.Actors.Tests.Turns;

/// <summary>Calls of a <c>[Reentrant]</c> class start beside its turns that wait; of any other they wait for the end of the turn.</summary>
public sealed class ReentrantTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_starts_while_another_one_waits(bool isRemote)
    {
        await using HallOfTest<IOpenHall> hall = await HallOfTest<IOpenHall>.StartAsync(isRemote);
        Task first = hall.Actor.Visit("1");
        await hall.EnteredAsync("1");
        Task second = hall.Actor.Visit("2");
        await hall.EnteredAsync("2");
        await hall.EndAsync("2", second);
        Assert.False(first.IsCompleted);
        await hall.EndAsync("1", first);
        await hall.NotedAsync("1 begins", "2 begins", "2 ends", "1 ends");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_the_attribute_it_starts_when_the_other_one_has_ended(bool isRemote)
    {
        await using HallOfTest<IPlainHall> hall = await HallOfTest<IPlainHall>.StartAsync(isRemote);
        Task first = hall.Actor.Visit("1");
        await hall.EnteredAsync("1");
        hall.Open("2"); // Nothing but the first turn holds it.
        Task second = hall.Actor.Visit("2");
        await hall.NotedAsync("1 begins");
        await hall.EndAsync("1", first);
        await second;
        await hall.NotedAsync("1 begins", "1 ends", "2 begins", "2 ends");
    }

    /// <summary>As in Orleans, where a turn that interleaves with everything is not what others wait for: a call may so wait for what another one changes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_turn_that_always_interleaves_keeps_no_call_waiting(bool isRemote)
    {
        await using HallOfTest<IPlainHall> hall = await HallOfTest<IPlainHall>.StartAsync(isRemote);
        Task watch = hall.Actor.Watch("watch");
        await hall.EnteredAsync("watch");
        Task first = hall.Actor.Visit("1");
        await hall.EnteredAsync("1");
        Task second = hall.Actor.Visit("2");
        await hall.NotedAsync("watch begins", "1 begins");
        await hall.EndAsync("1", first);
        await hall.EnteredAsync("2");
        await hall.EndAsync("watch", watch);
        await hall.EndAsync("2", second);
        await hall.NotedAsync("watch begins", "1 begins", "1 ends", "2 begins", "watch ends", "2 ends");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Beside_one_that_always_interleaves_reads_and_writes_keep_each_other_waiting(bool isRemote)
    {
        await using HallOfTest<IShelf> shelf = await HallOfTest<IShelf>.StartAsync(isRemote);
        Task watch = shelf.Actor.Watch("watch");
        await shelf.EnteredAsync("watch");
        Task read = shelf.Actor.Read("r");
        await shelf.EnteredAsync("r");
        Task write = shelf.Actor.Visit("w");
        await shelf.NotedAsync("watch begins", "r begins");
        await shelf.EndAsync("r", read);
        await shelf.EnteredAsync("w");
        shelf.Open("r2");
        Task later = shelf.Actor.Read("r2");
        await shelf.NotedAsync("watch begins", "r begins", "r ends", "w begins");
        await shelf.EndAsync("w", write);
        await later.WaitAsync(TimeSpan.FromSeconds(20));
        await shelf.EndAsync("watch", watch);
        await shelf.NotedAsync("watch begins", "r begins", "r ends", "w begins", "w ends", "r2 begins", "r2 ends", "watch ends");
    }

    [Fact]
    public async Task What_goes_on_waits_for_the_stretch_that_runs()
    {
        await using HallOfTest<IOpenHall> hall = await HallOfTest<IOpenHall>.StartAsync(isRemote: true);
        await using HallOfTest<IOpenHall> other = await HallOfTest<IOpenHall>.StartAsync(isRemote: true);
        Task first = hall.Actor.Visit("1");
        await hall.EnteredAsync("1");
        Task second = hall.Actor.Block("2");
        await hall.EnteredAsync("2");
        hall.Open("1");
        await other.NotedAsync(); // Others go on meanwhile, on all threads that there are.
        Assert.False(first.IsCompleted);
        await hall.EndAsync("2", second);
        await first;
        await hall.NotedAsync("1 begins", "2 begins", "2 ends", "1 ends");
    }
}
