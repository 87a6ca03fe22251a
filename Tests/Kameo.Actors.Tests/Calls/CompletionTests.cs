using System.Reflection;
using Kameo.Actors.Calls;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport.Asks;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>What a caller may do with an ask that is being completed, and what is left of one whose answer nobody takes.</summary>
[Collection(AloneCollection.Name)]
public sealed class CompletionTests
{
    private const int AsksCount = 20_000;
    private const int BytesMax = 100;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task An_ask_is_seen_to_be_complete_only_when_whoever_completes_it_does_not_touch_it_any_more()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ActorNode node = cluster.Nodes[0];
        string key = Journal.NewKey();
        ValueTask<int> ask = node.Get<ILater>(key).Hold();
        List<PendingAsk> asks = [];
        node.LocalAsks.Read(asks, 2, static found => found);
        PendingAsk call = Assert.Single(asks);

        // As it stands between the two steps of its completion.
        FieldInfo completed = typeof(ActorCall).GetField("_completed", BindingFlags.NonPublic | BindingFlags.Instance)!;
        completed.SetValue(call, true);
        Assert.False(ask.IsCompleted);
        completed.SetValue(call, false);
        Journal.Of(key).Gate("go").SetResult();
        Assert.Equal(1, await ask.AsTask().WaitAsync(s_deadline));
    }

    [Fact]
    public async Task Who_awaits_an_ask_that_somebody_awaits_is_told_so_and_the_first_one_gets_the_answer()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        string key = Journal.NewKey();
        ValueTask<int> ask = cluster.Nodes[0].Get<ILater>(key).Hold();
        Task<int> first = ask.AsTask();
        InvalidOperationException wrong = Assert.Throws<InvalidOperationException>(() => { _ = ask.AsTask(); });
        Assert.Contains("awaited twice", wrong.Message, StringComparison.Ordinal);
        Journal.Of(key).Gate("go").SetResult();
        Assert.Equal(1, await first.WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_that_lives_for_long_keeps_no_answered_ask_whose_answer_nobody_takes(bool isRemote)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ILater actor = (isRemote ? cluster.Clients[0] : cluster.Nodes[0]).Get<ILater>(Journal.NewKey());
        using var life = new CancellationTokenSource();
        await AskAsync(actor, life.Token);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await AskAsync(actor, life.Token);
        long kept = (GC.GetTotalMemory(forceFullCollection: true) - before) / AsksCount;
        Assert.InRange(kept, long.MinValue, BytesMax);
    }

    private static async Task AskAsync(ILater actor, CancellationToken token)
    {
        for (int ask = 1; ask <= AsksCount; ask++)
        {
            ValueTask<int> answer = actor.Answer(ask, token);
            if (ask % 100 == 0)
            {
                Assert.Equal(ask, await answer.AsTask().WaitAsync(s_deadline)); // Of those before nobody looks at the answer.
            }
        }
    }

    public interface ILater : IGrainWithStringKey
    {
        ValueTask<int> Answer(int number, CancellationToken cancellation);

        ValueTask<int> Hold();
    }

    public sealed class LaterActor : Actor, ILater
    {
        public ValueTask<int> Answer(int number, CancellationToken cancellation) => new(number);

        public async ValueTask<int> Hold()
        {
            await Journal.Of(Key.Text).Gate("go").Task;
            return 1;
        }
    }
}
