namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A target that does not keep up makes its own callers wait, and nobody else's.</summary>
public sealed class PauseTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_slow_target_holds_no_more_than_its_part_of_the_window(TransportLoop loop)
    {
        const int Beyond = 60;
        const int Tells = 3_000;
        const long Window = 4 * 64 * 1024;
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new List<int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, static options => options.Limits = new TransportLimits { WindowBytes = Window });
        using NameRegistration slow = nodes.Server.Register("slow", async request =>
        {
            await go.Task;
            received.Add(BitConverter.ToInt32(request.Payload.Span));
            if (received.Count == Tells)
            {
                all.SetResult();
            }
        });
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName stuck = await nodes.FindAsync("slow");
        RemoteName quick = await nodes.FindAsync("echo");

        // More than its part: by the time the ask behind it is answered, the pause has come.
        var sent = new List<Task>();
        Send(Beyond);
        (await quick.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();

        // Far more than the window: they wait here, in order, and those to another target pass.
        Send(Tells);
        for (int count = 0; count < 1_000; count++)
        {
            using NameReply reply = await quick.AskAsync(new byte[100]).AsTask().WaitAsync(TwoNodes.Deadline);
            Assert.Equal(100, reply.Payload.Length);
        }

        Assert.InRange(sent.Count(static tell => tell.IsCompleted), 30, Beyond); // The pause may have come before the last of them was sent.
        go.SetResult();
        await Task.WhenAll(sent).WaitAsync(TwoNodes.Deadline);
        await all.Task.WaitAsync(TwoNodes.Deadline);
        Assert.Equal(Enumerable.Range(0, Tells), received);

        void Send(int upTo)
        {
            while (sent.Count < upTo)
            {
                byte[] payload = new byte[1000];
                BitConverter.TryWriteBytes(payload, sent.Count);
                sent.Add(stuck.TellAsync(payload).AsTask());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_burst_that_took_the_window_leaves_a_way_for_others(TransportLoop loop)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, static options => options.Limits = new TransportLimits { WindowBytes = 4 * 64 * 1024 });
        using NameRegistration slow = nodes.Server.Register("slow", async _ => await go.Task);
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName stuck = await nodes.FindAsync("slow");
        RemoteName quick = await nodes.FindAsync("echo");
        Task[] sent = [.. Enumerable.Range(0, 400).Select(_ => stuck.TellAsync(new byte[1000]).AsTask())];
        for (int count = 0; count < 200; count++)
        {
            // Each gives back too little to be worth a credit, were there more left.
            (await quick.AskAsync(new byte[100]).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
        }

        go.SetResult();
        await Task.WhenAll(sent).WaitAsync(TwoNodes.Deadline);
    }

    [Fact]
    public async Task What_waits_for_a_paused_target_fails_at_its_deadline_as_not_sent()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(server: static options => options.Limits = new TransportLimits { WindowBytes = 4 * 64 * 1024 });
        using NameRegistration slow = nodes.Server.Register("slow", async _ => await go.Task);
        RemoteName stuck = await nodes.FindAsync("slow");
        Task<NameReply>[] asks = [.. Enumerable.Range(0, 300).Select(_ => stuck.AskAsync(new byte[1000], TimeSpan.FromSeconds(2)).AsTask())];
        int notRun = 0;
        int mayHaveRun = 0;
        foreach (Task<NameReply> ask in asks)
        {
            TransportException failed = await Assert.ThrowsAsync<TransportException>(() => ask.WaitAsync(TwoNodes.Deadline));
            (notRun, mayHaveRun) = failed.MayHaveRun ? (notRun, mayHaveRun + 1) : (notRun + 1, mayHaveRun);
        }

        Assert.True(notRun > 100 && mayHaveRun > 0, $"{notRun} did not run, {mayHaveRun} may have run");
        go.SetResult();
        (await stuck.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
    }
}
