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
