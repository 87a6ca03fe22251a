using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Items that an actor produces end by name when it moves: nothing of it is entered again, and the reader is told.</summary>
public sealed class ItemsMoveTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Theory]
    [InlineData(Way.Leave, false, false)]
    [InlineData(Way.Leave, true, false)]
    [InlineData(Way.Order, false, false)]
    [InlineData(Way.Order, true, false)]
    [InlineData(Way.Order, false, true)]
    [InlineData(Way.Order, true, true)]
    public async Task They_end_with_the_move_by_name_and_begin_anew_at_the_new_place(Way way, bool isInStep, bool isReadAtItsNode)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        string gate = Journal.NewKey();
        IMover mover = pair.Get(isReadAtItsNode ? pair.Goes : pair.Client, key);
        await using IAsyncEnumerator<int> numbers = mover.Numbers(gate).GetAsyncEnumerator();
        for (int number = 1; number <= 3; number++)
        {
            Assert.True(await numbers.MoveNextAsync().AsTask().WaitAsync(s_deadline));
            Assert.Equal(number, numbers.Current);
        }

        Task<bool>? next = isInStep ? numbers.MoveNextAsync().AsTask() : null;
        if (isInStep)
        {
            await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        }

        // Between two items, and while one is awaited, nothing keeps the actor here.
        await pair.MoveAsync(key).WaitAsync(s_deadline);
        InvalidOperationException ended = await Assert.ThrowsAsync<InvalidOperationException>(() => (next ?? numbers.MoveNextAsync().AsTask()).WaitAsync(s_deadline));
        Assert.Contains("was deactivated before its items ended", ended.ToString(), StringComparison.Ordinal);
        if (way == Way.Order)
        {
            Assert.Contains("Moved", ended.ToString(), StringComparison.Ordinal);
        }

        ProbeGates.Of(gate).Open.SetResult();
        await using IAsyncEnumerator<int> anew = pair.Get(pair.Stays, key).Numbers(gate).GetAsyncEnumerator();
        for (int number = 1; number <= 8; number++)
        {
            Assert.True(await anew.MoveNextAsync().AsTask().WaitAsync(s_deadline));
            Assert.Equal(number, anew.Current);
        }

        Assert.Equal([$"deactivated {pair.Goes.Id} {pair.Reason}", $"activated {pair.Stays.Id}"], Journal.Of(key).Rest());
    }

    [Fact]
    public async Task They_go_on_while_others_move()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Leave);
        (string stays, string goes) = (await pair.NewAtAsync(pair.Stays), await pair.NewAtAsync(pair.Goes));
        string gate = Journal.NewKey();
        await using IAsyncEnumerator<int> numbers = pair.Get(pair.Client, stays).Numbers(gate).GetAsyncEnumerator();
        for (int number = 1; number <= 3; number++)
        {
            Assert.True(await numbers.MoveNextAsync().AsTask().WaitAsync(s_deadline));
        }

        await pair.MoveAsync(goes).WaitAsync(s_deadline);
        ProbeGates.Of(gate).Open.SetResult();
        for (int number = 4; number <= 100; number++)
        {
            Assert.True(await numbers.MoveNextAsync().AsTask().WaitAsync(s_deadline));
            Assert.Equal(number, numbers.Current);
        }
    }
}
