using System.Text;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>The transport's own surface, without the runtime: names, tells and asks of bytes over TLS on loopback.</summary>
public sealed class NameTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_registered_name_answers_asks_of_another_node(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName name = await nodes.FindAsync("echo");
        Assert.Equal(nodes.Server.Id, name.Owner);
        for (int count = 0; count < 100; count++)
        {
            byte[] sent = Encoding.UTF8.GetBytes($"ping {count}");
            using NameReply reply = await name.AskAsync(sent);
            Assert.Equal(sent, reply.Payload.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Tells_arrive_in_the_order_sent(TransportLoop loop)
    {
        const int Count = 20_000;
        var received = new List<int>();
        var all = new TaskCompletionSource();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration sink = nodes.Server.Register("sink", request =>
        {
            received.Add(BitConverter.ToInt32(request.Payload.Span));
            if (received.Count == Count)
            {
                all.SetResult();
            }

            return default;
        });
        RemoteName name = await nodes.FindAsync("sink");
        for (int number = 0; number < Count; number++)
        {
            await name.TellAsync(BitConverter.GetBytes(number));
        }

        await all.Task.WaitAsync(TwoNodes.Deadline);
        Assert.Equal(Enumerable.Range(0, Count), received);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_handlers_exception_reaches_the_asker(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration bad = nodes.Server.Register("bad", static _ => throw new InvalidOperationException("no such luck"));
        RemoteName name = await nodes.FindAsync("bad");
        RemoteFaultException fault = await Assert.ThrowsAsync<RemoteFaultException>(async () => (await name.AskAsync(default)).Dispose());
        Assert.Contains("no such luck", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_ask_that_nobody_answers_times_out_and_says_that_it_may_have_run(TransportLoop loop)
    {
        var never = new TaskCompletionSource();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration slow = nodes.Server.Register("slow", _ => new ValueTask(never.Task));
        RemoteName name = await nodes.FindAsync("slow");
        TransportException late = await Assert.ThrowsAsync<TransportException>(async () => (await name.AskAsync(default, TimeSpan.FromMilliseconds(200))).Dispose());
        Assert.True(late.MayHaveRun);
        never.SetResult();
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Cancelling_an_ask_ends_it_at_once(TransportLoop loop)
    {
        var never = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration slow = nodes.Server.Register("slow", _ =>
        {
            begun.TrySetResult();
            return new ValueTask(never.Task);
        });
        RemoteName name = await nodes.FindAsync("slow");
        using var cancel = new CancellationTokenSource();
        Task<NameReply> ask = name.AskAsync(default, cancellation: cancel.Token).AsTask();
        await begun.Task.WaitAsync(TwoNodes.Deadline);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ask.WaitAsync(TwoNodes.Deadline));
        never.SetResult();
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Ten_thousand_asks_under_way_at_once_are_all_answered(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName name = await nodes.FindAsync("echo");
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(async number =>
        {
            byte[] sent = new byte[1 + (number % 900)];
            BitConverter.TryWriteBytes(sent, number);
            using NameReply reply = await name.AskAsync(sent);
            Assert.True(reply.Payload.Span.SequenceEqual(sent));
        })).WaitAsync(TwoNodes.Deadline);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_unregistered_name_is_gone_at_the_other_node(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        NameRegistration echo = nodes.Server.Register("echo", static _ => default);
        await nodes.FindAsync("echo");
        echo.Dispose();
        await Eventually.TrueAsync(() => nodes.Client.Lookup("echo") is null, "the name to be gone");
    }
}
