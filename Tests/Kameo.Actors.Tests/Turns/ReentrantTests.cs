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
