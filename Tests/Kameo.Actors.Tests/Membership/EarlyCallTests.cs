using Kameo.Actors.Tests.Actors;

namespace Kameo.Actors.Tests.Membership;

/// <summary>Calls that are made before the node has a lease, and before anybody is known who hosts their actor.</summary>
public sealed class EarlyCallTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Calls_of_one_actor_run_in_the_order_in_which_they_were_made_however_early_that_was()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ICounter[] counters = [.. Enumerable.Range(0, 20).Select(index => node.Get<ICounter>($"early-{index}"))];
        Assert.False(node.IsServing);
        var sent = new List<Task>();
        int number = 0;
        while ((!node.IsServing && number < 2_000) || number < 200)
        {
            foreach (ICounter counter in counters)
            {
                sent.Add(number % 2 == 0 ? counter.Note(number) : counter.Tell().Note(number).AsTask());
            }

            number++;
            await Task.Yield();
        }

        await Task.WhenAll(sent).WaitAsync(s_deadline);
        foreach (ICounter counter in counters)
        {
            IReadOnlyList<int> notes = await counter.Notes().WaitAsync(s_deadline);
            Assert.Equal(Enumerable.Range(0, number), notes);
        }
    }

    [Fact]
    public async Task One_that_its_caller_cancels_meanwhile_does_not_run()
    {
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        using var cancel = new CancellationTokenSource();
        Task waiting = node.Get<ICounter>("cancelled-early").WaitFor(cancel.Token);
        Task<long> behind = node.Get<ICounter>("cancelled-early").Add(3).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_deadline));
        Assert.Equal(3, await behind.WaitAsync(s_deadline));
    }
}
