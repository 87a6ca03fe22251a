using System.Text;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>What is lost after it was accepted is said to its sender in sums; what its caller has given up before it was handled is not handled.</summary>
public sealed class LostTests
{
    private const int Tells = 7;

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_sender_hears_how_many_of_its_tells_were_lost_and_why(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using var lost = new CountedMetric(nodes.Server, "kameo.transport.tells_lost", nameof(FaultCode.NoSuchTarget));
        using var there = new CountedMetric(nodes.Client, "kameo.transport.tells_lost_there", nameof(FaultCode.NoSuchTarget));
        using var any = new CountedMetric(nodes.Client, "kameo.transport.tells_lost_there");
        var nobody = new OutboundTarget([IdSpace.Name, .. Encoding.UTF8.GetBytes("nobody")]);
        for (int count = 0; count < Tells; count++)
        {
            await nodes.Peer.Connection!.Tell(nobody, null, new RequestOptions(nodes.Client.Clock.After(TwoNodes.Deadline)), [1]);
        }

        await Eventually.TrueAsync(() => there.Sum == Tells && any.Sum >= Tells, "the losses to be said"); // To one listener after the other.
        Assert.Equal((Tells, Tells), (lost.Sum, any.Sum));
    }

    [Fact]
    public async Task What_makes_no_sense_there_ends_the_connection()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options());
        using RawPeer peer = await RawPeer.ConnectAsync(node);
        peer.Put(new FrameHeader(FrameKind.Lost, 0), [0x81, 0x03, 0xff]); // Minus one tell.
        await peer.FlushAsync();
        Assert.Equal(CloseReason.MalformedFrame, await peer.ReadGoodbyeAsync());
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_ask_that_is_given_up_while_it_waits_there_is_not_handled(TransportLoop loop)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<byte> handled = [];
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration slow = nodes.Server.Register("slow", async request =>
        {
            handled.Add(request.Payload.Span[0]);
            begun.TrySetResult();
            await open.Task;
        });
        RemoteName name = await nodes.FindAsync("slow");
        using var cancel = new CancellationTokenSource();
        Task<NameReply> first = name.AskAsync(new byte[] { 1 }).AsTask();
        await begun.Task.WaitAsync(TwoNodes.Deadline);
        Task<NameReply> second = name.AskAsync(new byte[] { 2 }, cancellation: cancel.Token).AsTask();
        Task<NameReply> third = name.AskAsync(new byte[] { 3 }).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TwoNodes.Deadline));
        using var refused = new CountedMetric(nodes.Server, "kameo.transport.requests_refused", nameof(FaultCode.Cancelled));
        using var behind = new CountedMetric(nodes.Server, "kameo.transport.tells_lost");
        await nodes.Peer.Connection!.Tell(new OutboundTarget([IdSpace.Name, .. Encoding.UTF8.GetBytes("nobody")]), null, new RequestOptions(nodes.Client.Clock.After(TwoNodes.Deadline)), [1]);
        await Eventually.TrueAsync(() => behind.Sum == 1, "what was sent behind the cancel to have come"); // So has that.
        open.SetResult();
        (await first.WaitAsync(TwoNodes.Deadline)).Dispose();
        (await third.WaitAsync(TwoNodes.Deadline)).Dispose();
        Assert.Equal([1, 3], handled);
        Assert.Equal(1, refused.Sum);
    }

    [Fact]
    public void Of_the_asks_that_were_given_up_the_oldest_are_forgotten()
    {
        var cancelled = new CancelledAsks();
        for (ulong ask = 0; ask <= CancelledAsks.Max; ask++)
        {
            cancelled.Add(ask);
            cancelled.Add(ask);
        }

        Assert.False(cancelled.Has(0));
        Assert.True(cancelled.Has(1));
        Assert.True(cancelled.Has(CancelledAsks.Max));
    }
}
