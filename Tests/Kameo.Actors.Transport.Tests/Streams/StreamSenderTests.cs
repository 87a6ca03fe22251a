using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Streams;

/// <summary>A connection's sending side, step by step as a request with streams goes through it; seen by a peer of which four streams may be open.</summary>
public sealed class StreamSenderTests : IAsyncLifetime
{
    private static readonly Fault s_unwanted = new(FaultCode.Cancelled, "nobody waits for it");

    private TransportNode _node = null!;
    private RawPeer _peer = null!;

    private Connection Connection => _node.FindPeer(_peer.Id)!.Connection!;

    public async Task InitializeAsync()
    {
        _node = await TransportNode.StartAsync(TwoNodes.Options(static options => options.Limits = new TransportLimits { StreamWindowBytes = 64 * 1024 * 1024 }));
        _peer = await RawPeer.ConnectAsync(_node);
    }

    public async Task DisposeAsync()
    {
        _peer.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_that_is_given_up_before_its_message_is_in_the_ring_ends_with_the_reason_and_keeps_its_place_until_then()
    {
        (StreamSender sender, OutboundStream[] streams) = Open(1);
        streams[0].Abandon(s_unwanted);
        Assert.Equal(1, sender.OpenCount);
        sender.Start(streams);
        await ReadFaultyEndAsync(streams[0]);
        Assert.Equal(0, sender.OpenCount);
        await Assert.ThrowsAsync<IOException>(() => streams[0].WriteAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task A_stream_that_is_given_up_while_its_message_gets_into_the_ring_ends_once_and_with_the_reason()
    {
        for (int round = 0; round < 1_000; round++)
        {
            (StreamSender sender, OutboundStream[] streams) = Open(1);
            using var together = new Barrier(2);
            Task start = Task.Run(() =>
            {
                together.SignalAndWait();
                sender.Start(streams);
            });
            together.SignalAndWait();
            streams[0].Abandon(s_unwanted);
            await start;
            await ReadFaultyEndAsync(streams[0]);
            Assert.Equal(0, sender.OpenCount);
        }
    }

    [Fact]
    public async Task A_reply_that_waits_for_two_places_gets_them_before_a_request_that_needs_one()
    {
        (StreamSender sender, OutboundStream[] streams) = Open(4);
        sender.Start(streams);
        OutboundStream[] ofReply = [Connection.MakeStream(), Connection.MakeStream()];
        Connection.Reply(77, default, ofReply);
        Assert.NotEqual(0, sender.DeferredBytes);
        Task<NameReply> ask = new RemoteName(_node, _peer.Id, "theirs", default).AskAsync(default, new MemoryStream(new byte[10])).AsTask();
        await Eventually.TrueAsync(() => Connection.WaitingCount == 1, "the request to wait for a place");

        streams[0].End();
        Assert.Equal(3, sender.OpenCount); // The place is kept for the reply.
        Assert.False(sender.TryOpen([Connection.MakeStream()]));
        streams[1].End();
        await _peer.ReadAsync(FrameKind.Reply, 77);
        Assert.Equal(0, sender.DeferredBytes);
        Assert.Equal(1, Connection.WaitingCount);

        ofReply[0].End();
        (FrameHeader header, _) = await _peer.ReadAsync(FrameKind.Ask);
        _peer.Put(new FrameHeader { Kind = FrameKind.Reply, Correlation = header.Correlation });
        await _peer.FlushAsync();
        (await ask.WaitAsync(TwoNodes.Deadline)).Dispose();
    }

    [Fact]
    public async Task A_reply_that_found_the_places_of_a_request_taken_goes_when_that_gives_them_back()
    {
        (StreamSender sender, OutboundStream[] streams) = Open(4); // And then the ring is full, say.
        Connection.Reply(77, default, [Connection.MakeStream()]);
        Assert.NotEqual(0, sender.DeferredBytes);
        sender.Unopen(streams);
        Connection.PumpWaiting();
        await _peer.ReadAsync(FrameKind.Reply, 77);
        Assert.Equal(0, sender.DeferredBytes);
    }

    [Fact]
    public void A_result_beyond_the_memory_for_large_payloads_is_not_copied_first()
    {
        const int Bytes = 700 * 1024; // Of an odd size: the pool has no array that fits.
        Assert.True(_node.TryTakeGathered((int)_node.Limits.GatheredBytesMax - Bytes));
        byte[] result = new byte[Bytes];
        Connection.Reply(1, default); // Whatever is made once.
        long before = GC.GetAllocatedBytesForCurrentThread();
        Connection.Reply(2, result);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bytes / 2);
        Assert.Equal(_node.Limits.GatheredBytesMax - Bytes, _node.GatheredBytes);
        Assert.Equal(0, Connection.StreamCount);
    }

    [Fact]
    public void A_payload_that_the_memory_for_large_ones_does_not_hold_is_refused_before_a_buffer_is_made()
    {
        const int Bytes = 17 * 1024 * 1024; // More than is kept of any size: each is made anew.
        using var payload = new GatheredPayload(Connection, 1);
        Assert.True(_node.TryTakeGathered((int)_node.Limits.GatheredBytesMax - Bytes));
        var slabs = new SlabPool(Bytes, 0, 4L * Bytes);
        Slab slab = slabs.Rent();
        var frame = new Frame(new FrameHeader(FrameKind.StreamData, Bytes - FrameHeader.Bytes), slab, 0, 0);
        payload.Receive(frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        payload.Receive(frame);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bytes / 2);
        Assert.NotNull(payload.Failure);
        slab.Release();
    }

    private (StreamSender Sender, OutboundStream[] Streams) Open(int count)
    {
        OutboundStream[] streams = [.. Enumerable.Range(0, count).Select(_ => Connection.MakeStream())];
        StreamSender sender = streams[0].Sender;
        Assert.True(sender.TryOpen(streams));
        return (sender, streams);
    }

    private async Task ReadFaultyEndAsync(OutboundStream stream)
    {
        (_, byte[] payload) = await _peer.ReadAsync(FrameKind.StreamEnd, stream.Id);
        Assert.NotEmpty(payload);
        var reader = new MessagePackReader(payload);
        Assert.Equal(s_unwanted.Message, Fault.Decode(ref reader).Message);
    }
}
