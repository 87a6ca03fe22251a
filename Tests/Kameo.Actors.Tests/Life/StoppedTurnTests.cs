using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>A node that stops though a turn does not end: whoever waits for that turn, or behind it, is told.</summary>
public sealed class StoppedTurnTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_that_waits_for_a_turn_that_does_not_end_fails_when_its_node_has_stopped(bool isMember)
    {
        ActorNode node = await ActorNode.StartAsync(new ActorNodeOptions
        {
            Trust = TrustPolicy.Anyone(),
            ClusterName = $"stopped-{Guid.NewGuid():n}",
            Membership = isMember ? new() : null,
            DrainTimeout = TimeSpan.FromMilliseconds(100),
            AskTimeout = TimeSpan.FromMinutes(10),
            TellTimeout = TimeSpan.FromMinutes(10),
            MailboxCapacity = 2,
        });
        string key = Journal.NewKey();
        IEndless actor = node.Get<IEndless>(key);
        Task runs = actor.Run().AsTask();
        Assert.Equal("runs", await Journal.Of(key).NextAsync());
        Task waits = actor.Touch().AsTask();
        Task told = Task.CompletedTask;
        while (told.IsCompleted)
        {
            await told;
            told = actor.Tell().Touch().AsTask();
        }

        await node.StopAsync().WaitAsync(s_deadline);
        Assert.Equal(CallOutcome.MayHaveRun, (await Assert.ThrowsAsync<NodeUnreachableException>(() => runs.WaitAsync(s_deadline))).Outcome);
        Assert.Equal(CallOutcome.NotRun, (await Assert.ThrowsAsync<NodeUnreachableException>(() => waits.WaitAsync(s_deadline))).Outcome);
        Assert.Equal(CallOutcome.NotRun, (await Assert.ThrowsAnyAsync<ActorCallException>(() => told.WaitAsync(s_deadline))).Outcome);
        Journal.Of(key).Gate("end").SetResult();
    }

    [Fact]
    public async Task What_is_asked_of_others_while_a_node_stops_is_refused_and_the_stop_waits_for_none_of_them()
    {
        ActorNode node = await ActorNode.StartAsync(new ActorNodeOptions
        {
            Trust = TrustPolicy.Anyone(),
            ClusterName = $"stopped-{Guid.NewGuid():n}",
            Membership = null,
            DrainTimeout = TimeSpan.FromMinutes(10),
        });
        string key = Journal.NewKey();
        Task runs = node.Get<IEndless>(key).Run().AsTask();
        Assert.Equal("runs", await Journal.Of(key).NextAsync());
        Task stopped = node.StopAsync();
        await Eventually.TrueAsync(() => node.Activations.Stopping.IsCancellationRequested, "its actors to be told");
        for (int other = 0; other < 10; other++)
        {
            IEndless actor = node.Get<IEndless>(Journal.NewKey());
            NodeUnreachableException refused = await Assert.ThrowsAsync<NodeUnreachableException>(() => actor.Touch().AsTask().WaitAsync(s_deadline));
            Assert.Equal(CallOutcome.NotRun, refused.Outcome);
        }

        Journal.Of(key).Gate("end").SetResult();
        await runs.WaitAsync(s_deadline);
        await stopped.WaitAsync(s_deadline);
        await Assert.ThrowsAsync<NodeUnreachableException>(() => node.Get<IEndless>(key).Touch().AsTask().WaitAsync(s_deadline));
        Assert.Equal(0, node.ActivationCount);
    }

    public interface IEndless : IGrainWithStringKey
    {
        ValueTask Run();

        ValueTask Touch();
    }

    public sealed class EndlessActor : Actor, IEndless
    {
        public async ValueTask Run()
        {
            Journal.Of(Key.Text).Write("runs");
            await Journal.Of(Key.Text).Gate("end").Task;
        }

        public ValueTask Touch() => default;
    }
}
