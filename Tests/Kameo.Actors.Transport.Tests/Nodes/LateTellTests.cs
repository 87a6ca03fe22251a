namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>A handler that does nothing for longer than a tell may wait to be sent: what was accepted is handled afterwards, in order, and other names go on meanwhile.</summary>
public sealed class LateTellTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task What_was_accepted_is_handled_in_order(TransportLoop loop)
    {
        const int Tells = 200;
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, client: static options => options.TellTimeout = TimeSpan.FromMilliseconds(300));
        using NameRegistration echo = nodes.RegisterEcho();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var handled = new List<int>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using NameRegistration late = nodes.Server.Register("late", async request =>
        {
            await gate.Task;
            handled.Add(BitConverter.ToInt32(request.Payload.Span));
            if (handled.Count == Tells)
            {
                all.SetResult();
            }
        });
        using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
        RemoteName target = await nodes.Client.LookupAsync("late", timeout.Token);
        for (int number = 0; number < Tells; number++)
        {
            await target.TellAsync(BitConverter.GetBytes(number));
        }

        long until = nodes.Server.Clock.NowMilliseconds + 1000;
        RemoteName beside = await nodes.Client.LookupAsync("echo", timeout.Token);
        while (nodes.Server.Clock.NowMilliseconds < until)
        {
            using NameReply reply = await beside.AskAsync(new byte[8]).AsTask().WaitAsync(TwoNodes.Deadline);
        }

        gate.SetResult();
        await all.Task.WaitAsync(TwoNodes.Deadline);
        Assert.Equal(Enumerable.Range(0, Tells), handled);
    }
}
