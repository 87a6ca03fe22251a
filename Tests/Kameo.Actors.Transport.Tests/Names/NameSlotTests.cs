using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Names;

/// <summary>What stays of a name that is registered no more: nothing.</summary>
public sealed class NameSlotTests
{
    [Fact]
    public async Task Names_that_came_and_went_leave_nothing()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.ClientOptions());
        for (int count = 0; count < 1_000; count++)
        {
            node.Register($"name {count}", TwoNodes.Echo).Dispose();
        }

        await Eventually.TrueAsync(() => node.Names.Router.SlotCount == 0, "all to be dropped");
    }

    [Fact]
    public async Task A_name_goes_when_its_last_request_is_done_and_what_waited_is_refused()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        NameRegistration slow = nodes.Server.Register("slow", async request =>
        {
            begun.TrySetResult();
            await go.Task;
            request.Reply("done"u8);
        });
        RemoteName name = await nodes.FindAsync("slow");
        Task<NameReply> running = name.AskAsync(default).AsTask();
        await begun.Task.WaitAsync(TwoNodes.Deadline);
        Task<NameReply> waiting = name.AskAsync(default).AsTask();
        slow.Dispose();
        Assert.Equal(1, nodes.Server.Names.Router.SlotCount);
        go.SetResult();
        using NameReply reply = await running.WaitAsync(TwoNodes.Deadline);
        Assert.Equal("done"u8, reply.Payload.Span);
        await Assert.ThrowsAsync<RemoteFaultException>(() => waiting.WaitAsync(TwoNodes.Deadline));
        await Eventually.TrueAsync(() => nodes.Server.Names.Router.SlotCount == 0, "it to be dropped");
    }

    [Fact]
    public async Task A_number_that_a_peer_gave_a_name_leads_to_it_when_it_is_registered_again()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        NameRegistration first = nodes.RegisterEcho();
        RemoteName name = await nodes.FindAsync("echo");
        for (int count = 0; count < 3; count++)
        {
            (await name.AskAsync("x"u8.ToArray()).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
        }

        first.Dispose();
        await Eventually.TrueAsync(() => nodes.Server.Names.Router.SlotCount == 0, "it to be dropped");
        await Assert.ThrowsAsync<RemoteFaultException>(() => name.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline));
        using NameRegistration again = nodes.RegisterEcho();
        using NameReply reply = await name.AskAsync("y"u8.ToArray()).AsTask().WaitAsync(TwoNodes.Deadline);
        Assert.Equal("y"u8, reply.Payload.Span);
    }

    [Fact]
    public async Task Who_still_holds_a_name_of_its_own_node_that_is_gone_is_refused_and_leaves_nothing()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.ClientOptions());
        NameRegistration own = node.Register("own", TwoNodes.Echo);
        RemoteName name = node.Lookup("own")!;
        own.Dispose();
        await Assert.ThrowsAsync<RemoteFaultException>(() => name.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline));
        await Eventually.TrueAsync(() => node.Names.Router.SlotCount == 0, "nothing to be left");
    }
}
