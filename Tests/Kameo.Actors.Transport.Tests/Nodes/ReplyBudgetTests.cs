using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>What answers may take, awaited or unread, is bounded in bytes; what is asked beyond that waits in order, and goes when something was read.</summary>
public sealed class ReplyBudgetTests
{
    /// <summary>The smallest budget of a node with two connections: one chunk to share, and eight asks for each.</summary>
    private static readonly TransportLimits s_smallest = new()
    {
        ConnectionsMax = 2,
        ReplyBytesMax = (PendingTable.ChunkAsks + (3L * PendingTable.FirstChunkAsks)) * PendingBudget.ReplyBytesMax,
    };

    /// <summary>What one connection gets of it.</summary>
    private const int AsksMax = PendingTable.ChunkAsks + PendingTable.FirstChunkAsks;

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Asks_beyond_the_budget_wait_in_order_and_until_their_deadline(TransportLoop loop)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var order = new List<int>();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, client: static options => options.Limits = s_smallest);
        using NameRegistration slow = nodes.Server.Register("slow", async request =>
        {
            order.Add(BitConverter.ToInt32(request.Payload.Span));
            await go.Task;
            request.Reply(default);
        });
        RemoteName name = await nodes.FindAsync("slow");
        using var met = new CountedMetric(nodes.Client, "kameo.transport.reply_budget_met");
        Task<NameReply>[] asks = [.. Enumerable.Range(0, AsksMax + 100).Select(number => name.AskAsync(BitConverter.GetBytes(number)).AsTask())];
        Assert.Equal(AsksMax, nodes.Client.PendingAskCount);
        Assert.Equal(100, nodes.Client.WaitingRequestCount);
        Assert.True(met.Sum > 0);

        // One that cannot wait as long fails, and is known not to have run.
        TransportException late = await Assert.ThrowsAsync<TransportException>(() => name.AskAsync(default, TimeSpan.FromMilliseconds(300)).AsTask().WaitAsync(TwoNodes.Deadline));
        Assert.False(late.MayHaveRun);

        go.SetResult();
        foreach (Task<NameReply> ask in asks)
        {
            (await ask.WaitAsync(TwoNodes.Deadline)).Dispose();
        }

        Assert.Equal(Enumerable.Range(0, asks.Length), order);
        await Eventually.TrueAsync(() => nodes.Client.PendingBudget.AsksGranted == 0, "the budget to be given back at rest");
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Answers_that_nobody_reads_hold_their_part_of_the_budget(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, client: static options =>
        {
            options.Limits = s_smallest;
            options.TimeProvider = new StoppedTime(); // No tick: who reads an answer wakes who waits for its place.
        });
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName name = await nodes.FindAsync("echo");
        var unread = new Queue<NameReply>();
        for (int count = 0; count < AsksMax; count++)
        {
            unread.Enqueue(await name.AskAsync(BitConverter.GetBytes(count)).AsTask().WaitAsync(TwoNodes.Deadline));
        }

        Assert.Equal(0, nodes.Client.PendingAskCount);
        Task<NameReply>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => name.AskAsync(default).AsTask())];
        Assert.Equal(10, nodes.Client.WaitingRequestCount);
        for (int count = 0; count < waiting.Length; count++)
        {
            // Each that is read makes way for one.
            NameReply read = unread.Dequeue();
            Assert.Equal(count, BitConverter.ToInt32(read.Payload.Span));
            read.Dispose();
            unread.Enqueue(await waiting[count].WaitAsync(TwoNodes.Deadline));
        }

        // Also when the connection is gone meanwhile.
        await nodes.Server.DisposeAsync();
        await Eventually.TrueAsync(() => nodes.Client.ConnectionCount == 0, "the connection to end");
        Assert.Equal(PendingTable.ChunkAsks, nodes.Client.PendingBudget.AsksGranted);
        while (unread.TryDequeue(out NameReply reply))
        {
            reply.Dispose();
        }

        Assert.Equal(0, nodes.Client.PendingBudget.AsksGranted);
        Assert.Equal(0, nodes.Client.Slabs.OutstandingBytes);
    }

    [Fact]
    public async Task Answers_that_would_pin_more_receive_memory_than_the_limit_are_copied()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(client: static options => options.Limits = new TransportLimits { SlabBytesMax = 64 * 1024 });
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName name = await nodes.FindAsync("echo");
        var unread = new List<NameReply>();
        byte[] sent = new byte[12_000];
        new Random(1).NextBytes(sent);
        for (int count = 0; count < 200; count++)
        {
            unread.Add(await name.AskAsync(sent).AsTask().WaitAsync(TwoNodes.Deadline));
        }

        // 200 answers of 12,000 bytes would pin 37 slabs.
        Assert.InRange(nodes.Client.Slabs.OutstandingBytes, 0, 3 * 64 * 1024);
        foreach (NameReply reply in unread)
        {
            Assert.True(reply.Payload.Span.SequenceEqual(sent));
            reply.Dispose();
        }
    }

    [Fact]
    public async Task A_fault_with_a_long_text_stays_within_an_answers_frame()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using NameRegistration bad = nodes.Server.Register("bad", static _ => throw new InvalidOperationException(new string('\u20ac', 100_000)));
        RemoteName name = await nodes.FindAsync("bad");
        RemoteFaultException fault = await Assert.ThrowsAsync<RemoteFaultException>(() => name.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline));
        Assert.Contains("\u20ac\u20ac\u20ac", fault.Message, StringComparison.Ordinal);
        Assert.True(nodes.Peer.IsConnected);
    }

    [Fact]
    public void A_budget_too_small_for_the_connections_is_refused()
    {
        TransportOptions options = TwoNodes.Options(static options => options.Limits = s_smallest with { ConnectionsMax = 3 });
        Assert.Contains(options.Validate(), static error => error.Contains(nameof(TransportLimits.ReplyBytesMax), StringComparison.Ordinal));
        Assert.Empty(TwoNodes.Options(static options => options.Limits = s_smallest).Validate());
    }
}
