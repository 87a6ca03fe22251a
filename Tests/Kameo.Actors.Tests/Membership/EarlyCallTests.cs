using System.Diagnostics;
using Kameo.Actors.Tests.Actors;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Tests.Membership;

/// <summary>Calls that are made before the node has a lease, and before anybody is known who hosts their actor.</summary>
public sealed class EarlyCallTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task Calls_of_one_actor_run_in_the_order_in_which_they_were_made_however_early_that_was()
    {
        const int AtOnce = 100;
        const int RoundsMax = 3_000; // Of 20 calls each: no more than may wait.
        await using ActorNode node = await ActorNode.StartAsync(Seeking());
        ICounter[] counters = [.. Enumerable.Range(0, 20).Select(index => node.Get<ICounter>($"early-{index}"))];
        Assert.False(node.IsServing);
        var sent = new List<Task>();
        int number = 0;
        for (int behind = 0; behind < AtOnce && number < RoundsMax; behind += node.IsServing ? 1 : 0)
        {
            long begun = Stopwatch.GetTimestamp();
            foreach (ICounter counter in counters)
            {
                sent.Add(number % 2 == 0 ? counter.Note(number) : counter.Tell().Note(number).AsTask());
            }

            number++;
            await Task.Yield();
            if (number > AtOnce)
            {
                // The first at once, and those behind the lease; a round each millisecond until then.
                await Eventually.TrueAsync(() => node.IsServing || Stopwatch.GetElapsedTime(begun) >= s_pace, "the next round");
            }
        }

        await Task.WhenAll(sent).WaitAsync(s_deadline);
        foreach (ICounter counter in counters)
        {
            IReadOnlyList<int> notes = await counter.Notes().WaitAsync(s_deadline);
            Assert.Equal(Enumerable.Range(0, number), notes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_last_that_waits_is_not_overtaken_by_the_first_that_does_not(int round)
    {
        const int Behind = 20_000;
        await using ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        ICounter counter = node.Get<ICounter>($"tight-{round}");
        int number = 0;
        List<Task> sent = await Task.Run(() =>
        {
            var made = new List<Task>();
            for (int left = Behind; left > 0 && made.Count < 500_000; left -= node.IsServing ? 1 : 0)
            {
                made.Add(counter.Tell().Note(number++).AsTask());
            }

            return made;
        });
        await Task.WhenAll(sent).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(s_deadline);
        IReadOnlyList<int> notes = await counter.Notes().WaitAsync(s_deadline);
        Assert.Equal(notes.Order(), notes); // What was over the bound was refused; nothing came out of turn.
        Assert.Equal(sent.Count(static task => task.IsCompletedSuccessfully), notes.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_that_is_made_while_the_last_that_waited_is_being_sent_goes_behind_it(bool isTell)
    {
        await using ActorNode node = await ActorNode.StartAsync(Seeking());
        INotebook notebook = node.Get<INotebook>($"notebook-{isTell}");
        var isSending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var go = new ManualResetEventSlim();
        Page.Copying = number =>
        {
            if (number == 1 && isSending.TrySetResult())
            {
                go.Wait(s_deadline);
            }
        };
        try
        {
            Task first = Note(1);
            Assert.False(isSending.Task.IsCompleted, "It was to wait.");
            await isSending.Task.WaitAsync(s_deadline);
            Task second = Note(2); // Its way is open, and the other one is on it.
            go.Set();
            await Task.WhenAll(first, second).WaitAsync(s_deadline);
        }
        finally
        {
            go.Set();
            Page.Copying = null;
        }

        Assert.Equal([1, 2], await notebook.Pages().WaitAsync(s_deadline));

        Task Note(int number) => isTell ? notebook.Tell().Note(new Page { Number = number }).AsTask() : notebook.Note(new Page { Number = number });
    }

    [Fact]
    public async Task Those_that_are_made_while_the_node_stops_end()
    {
        ActorNode node = await ActorNode.StartAsync(QuickTiming.Options(options => options.WaitForHost = s_deadline));
        bool isOver = false;
        Task<List<Task>> made = Task.Run(() =>
        {
            var asks = new List<Task>();
            for (int key = 0; !Volatile.Read(ref isOver) && asks.Count < 100_000; key++)
            {
                asks.Add(node.Get<ICounter>($"late-{key % 100}").Add(1).AsTask());
                Thread.Yield();
            }

            return asks;
        });
        await node.DisposeAsync();
        Volatile.Write(ref isOver, true);
        foreach (Task ask in await made)
        {
            await ask.ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(s_deadline); // Answered, or failed by name.
        }

        Assert.Equal(0, node.WithoutHost.Count);
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

    /// <summary>Of a node that looks for others for so long that calls come before its lease, however late they are made.</summary>
    private static ActorNodeOptions Seeking() => QuickTiming.Options(static options =>
    {
        options.WaitForHost = s_deadline;
        options.Membership = new MembershipOptions { Timing = QuickTiming.Timing with { FoundAloneAfter = TimeSpan.FromSeconds(2) }, LeaveTimeout = TimeSpan.FromSeconds(1) };
    });
}
