using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Moves;

/// <summary>What becomes of the life of an actor when it moves: its timers, its wish to stay or to go, and its end, which is told once.</summary>
public sealed class LifeMoveTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task Neither_timers_nor_the_wish_to_stay_keep_an_actor_from_moving_and_neither_goes_with_it(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        IMover mover = pair.Get(pair.Client, key);
        await mover.Stay(TimeSpan.FromHours(1));
        await mover.Tick();
        Assert.Equal($"tick {pair.Goes.Id}", await Journal.Of(key).NextAsync());
        await pair.MoveAsync(key).WaitAsync(s_deadline);
        Assert.Equal(pair.Stays.Id.ToString(), await mover.Node());

        string[] told = [.. Journal.Of(key).Rest()];
        Assert.Equal([$"deactivated {pair.Goes.Id} {pair.Reason}", $"activated {pair.Stays.Id}"], told[^2..]);
        Assert.All(told[..^2], tick => Assert.Equal($"tick {pair.Goes.Id}", tick));
        await Eventually.TrueAsync(() => pair.Stays.Activations.All.First(one => one.Id.Key.Text == key).IsUnused(pair.Stays.Clock.NowMilliseconds), "it to be as any other"); // Its end is not put off any more.
    }

    [Fact]
    public async Task A_timer_that_is_made_in_activation_ticks_wherever_the_actor_is_and_nowhere_else()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode old = cluster.Members[0];
        string[] keys = [.. Enumerable.Range(0, 12).Select(static _ => Journal.NewKey())];
        foreach (string key in keys)
        {
            await old.Get<ITicking>(key).Ticks();
            Assert.Equal(old.Id.ToString(), await Journal.Of(key).NextAsync());
        }

        foreach (string key in keys)
        {
            await Eventually.TrueAsync(async () => await old.Get<ITicking>(key).Ticks() > 20, "many ticks");
        }

        ActorNode joiner = await cluster.JoinAsync();
        await cluster.SettleAsync();
        string[] moved = [.. keys.Where(key => old.Activations.All.All(one => one.Id.Key.Text != key))];
        Assert.InRange(moved.Length, 1, keys.Length - 1);
        foreach (string key in moved)
        {
            Journal.Of(key).Rest();
            Assert.InRange(await old.Get<ITicking>(key).Ticks(), 0, 5); // It counts anew; a tick that is due may come before the call.
            Assert.Equal(joiner.Id.ToString(), await Journal.Of(key).NextAsync());
            Assert.Equal(joiner.Id.ToString(), await Journal.Of(key).NextAsync());
        }
    }

    [Theory]
    [InlineData(Way.Leave)]
    [InlineData(Way.Order)]
    public async Task An_actor_that_goes_by_its_own_wish_and_has_to_move_is_told_once(Way way)
    {
        await using MovingPair pair = await MovingPair.StartAsync(way);
        string key = await pair.NewAtAsync(pair.Goes);
        string gate = Journal.NewKey();
        Task<string> turn = pair.Get(pair.Client, key).LeaveAfter(gate).AsTask();
        await ProbeGates.Of(gate).Entered.Task.WaitAsync(s_deadline);
        Task<string> waits = pair.Get(pair.Stays, key).Node().AsTask();
        Task over = await pair.BeginMoveAsync(key);
        ProbeGates.Of(gate).Open.SetResult();

        Assert.Equal(pair.Goes.Id.ToString(), await turn.WaitAsync(s_deadline));
        Assert.Equal(pair.Stays.Id.ToString(), await waits.WaitAsync(s_deadline));
        await over.WaitAsync(s_deadline);
        Assert.Equal([$"deactivated {pair.Goes.Id} {pair.Reason}", $"activated {pair.Stays.Id}"], Journal.Of(key).Rest());
    }

    [Fact]
    public async Task Many_that_go_and_are_called_while_they_move_each_begin_and_end_in_turn()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Order);
        string[] keys = new string[20];
        for (int index = 0; index < keys.Length; index++)
        {
            keys[index] = await pair.NewAtAsync(pair.Goes);
        }

        foreach (string key in keys)
        {
            Task<string> left = pair.Get(pair.Goes, key).LeaveAfter("open").AsTask();
            ProbeGates.Of("open").Open.TrySetResult();
            pair.Stays.Move(pair.Get(pair.Stays, key), pair.Stays.Id); // It may be gone by its own wish before: then there is nothing to move.
            await pair.Get(pair.Client, key).Node().AsTask().WaitAsync(s_deadline);
            await left.WaitAsync(s_deadline);
        }

        await pair.Cluster.SettleAsync();
        foreach (string key in keys)
        {
            await pair.Get(pair.Client, key).Node().AsTask().WaitAsync(s_deadline);
            IReadOnlyList<string> told = Journal.Of(key).Rest();
            for (int index = 0; index < told.Count; index++)
            {
                Assert.StartsWith(index % 2 == 0 ? "deactivated" : "activated", told[index], StringComparison.Ordinal);
            }

            Assert.Equal(0, told.Count % 2); // It lives, in one place.
        }
    }
}
