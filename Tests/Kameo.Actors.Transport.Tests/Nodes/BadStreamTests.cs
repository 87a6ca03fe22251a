using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Peers that break the rules of streams and windows, or only use them to the full: each is refused or closed by name, nothing stays behind, and the node goes on serving others.</summary>
public sealed class BadStreamTests : IAsyncLifetime
{
    private const int StreamsMax = 4;
    private const int WindowBytes = 256 * 1024;
    private const int StreamWindowBytes = 32 * 1024;

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TransportLimits _limits = new()
    {
        StreamsMax = StreamsMax,
        WindowBytes = WindowBytes,
        StreamWindowBytes = StreamWindowBytes,
        PayloadBytesMax = 128 * 1024,
        GatheredBytesMax = 256 * 1024,
        StreamStallTimeout = TimeSpan.FromMilliseconds(500),
        LingerTimeout = TimeSpan.FromMilliseconds(100),
    };

    private TransportNode _node = null!;

    public Task InitializeAsync() => StartAsync(_limits);

    public async Task DisposeAsync()
    {
        _go.TrySetResult();
        await using (TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions()))
        {
            await client.ConnectAsync(_node.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
            using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
            RemoteName echo = await client.LookupAsync("echo", timeout.Token);
            (await echo.AskAsync(new byte[100_000]).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
        }

        await Eventually.TrueAsync(() => _node.ConnectionCount == 0, "the connections to end");
        await Eventually.TrueAsync(() => _node.StreamCount == 0 && _node.GatheredBytes == 0 && _node.Slabs.OutstandingBytes == 0 && _node.RingBuffers.Rented == 0, "everything to be given back");
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task More_streams_than_may_be_open_are_refused_and_their_sender_is_told()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        using var refused = new CountedMetric(_node, "kameo.transport.requests_refused", nameof(FaultCode.Overloaded));
        for (ulong number = 1; number <= StreamsMax; number++)
        {
            peer.PutAsk("wait", number, streams: [number]);
        }

        peer.PutAsk("echo", 9, streams: [9]);
        await peer.FlushAsync();
        Assert.Equal(FaultCode.Overloaded, await peer.ReadFaultAsync(9));
        await peer.ReadAsync(FrameKind.Cancel, 9);
        Assert.Equal(StreamsMax, _node.StreamCount);
        Assert.Equal(1, refused.Sum);

        // One that ends makes a place.
        peer.PutEnd(2);
        peer.PutAsk("read", 10, streams: [10]);
        peer.PutEnd(10);
        await peer.FlushAsync();
        await peer.ReadAsync(FrameKind.Reply, 10);
    }

    [Theory]
    [InlineData("a number in use")]
    [InlineData("the same number twice")]
    [InlineData("too many for one message")]
    [InlineData("a payload without a stream")]
    public async Task Streams_that_are_named_wrongly_close_the_connection(string how)
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("read", 1, streams: [1]);
        await peer.FlushAsync();
        await Eventually.TrueAsync(() => _node.StreamCount == 1, "the first stream to be open");
        switch (how)
        {
            case "a number in use":
                peer.PutAsk("echo", 2, streams: [1]);
                break;
            case "the same number twice":
                peer.PutAsk("echo", 2, streams: [7, 7]);
                break;
            case "too many for one message":
                peer.PutAsk("echo", 2, streams: [.. Enumerable.Range(10, 17).Select(static id => (ulong)id)]);
                break;
            default:
                peer.PutAsk("echo", 2, flags: FrameFlags.Streamed);
                break;
        }

        await peer.FlushAsync();
        Assert.Equal(CloseReason.ProtocolViolation, await peer.ReadGoodbyeAsync());

        // Who was reading the first stream is not left waiting for ever.
        Assert.IsType<IOException>(await _read.Task.WaitAsync(TwoNodes.Deadline));
    }

    [Theory]
    [InlineData(1, CloseReason.None)] // To the byte.
    [InlineData(0, CloseReason.WindowOverrun)]
    public async Task A_stream_may_fill_its_window_and_not_overrun_it(int spared, CloseReason reason)
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("wait", 1, streams: [1]);
        int left = StreamWindowBytes - (2 * FrameHeader.Bytes);
        peer.PutData(1, 16_000);
        peer.PutData(1, left - 16_000 + 1 - spared);
        await peer.FlushAsync();
        await EndAsync(peer, reason);
    }

    [Fact]
    public async Task A_large_payload_may_not_overrun_its_window_either()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("echo", 1, streams: [1], flags: FrameFlags.Streamed);
        peer.PutData(1, 60_000);
        await peer.FlushAsync();
        Assert.Equal(CloseReason.WindowOverrun, await peer.ReadGoodbyeAsync());
    }

    [Fact]
    public async Task An_empty_chunk_closes_the_connection()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("read", 1, streams: [1]);
        peer.PutData(1, 0);
        await peer.FlushAsync();
        Assert.Equal(CloseReason.WindowOverrun, await peer.ReadGoodbyeAsync());
    }

    [Theory]
    [InlineData(false, CloseReason.None)]
    [InlineData(true, CloseReason.WindowOverrun)]
    public async Task Requests_may_fill_their_window_and_not_overrun_it(bool isOneMore, CloseReason reason)
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        using var closed = new CountedMetric(_node, "kameo.transport.connections_closed", nameof(CloseReason.WindowOverrun));
        for (ulong number = 1; number <= WindowBytes / 8192; number++)
        {
            peer.PutAsk("wait", number, 8192 - FrameHeader.Bytes - 16); // 16: the name of the target.
        }

        if (isOneMore)
        {
            peer.PutAsk("wait", 99);
        }

        await peer.FlushAsync();
        await EndAsync(peer, reason);
        await Eventually.TrueAsync(() => closed.Sum == (isOneMore ? 1 : 0), "the end to be counted");
    }

    [Fact]
    public async Task Chunks_ends_credit_and_cancels_of_streams_that_are_not_there_are_dropped()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("read", 1, streams: [1]);
        peer.PutData(1, 100);
        peer.PutEnd(1);
        peer.PutEnd(1); // Twice.
        for (int count = 0; count < 100; count++)
        {
            peer.PutData(1, 10_000); // Ended.
            peer.PutData(77, 10_000); // Never named.
        }

        peer.PutEnd(77);
        peer.Put(new FrameHeader { Kind = FrameKind.Credit, Correlation = 77, Target = 1, Method = uint.MaxValue });
        peer.Put(new FrameHeader { Kind = FrameKind.Cancel, Correlation = 77, Target = 1 });
        await peer.FlushAsync();
        (_, byte[] length) = await peer.ReadAsync(FrameKind.Reply, 1);
        Assert.Equal(100, BitConverter.ToInt64(length));
        await EndAsync(peer, CloseReason.None);
    }

    [Fact]
    public async Task A_fault_that_ends_a_stream_and_is_malformed_fails_its_reader_only()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("read", 1, streams: [1]);
        peer.Put(new FrameHeader { Kind = FrameKind.StreamEnd, Correlation = 1 }, [0xc1, 0xc1]);
        await peer.FlushAsync();
        Assert.Equal(FaultCode.Exception, await peer.ReadFaultAsync(1));
        await EndAsync(peer, CloseReason.None);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public async Task A_large_payload_that_stops_coming_is_given_up_and_what_waits_behind_it_goes_on(int bytes)
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("echo", 1, streams: [1], flags: FrameFlags.Streamed);
        if (bytes != 0)
        {
            peer.PutData(1, bytes);
        }

        peer.PutAsk("echo", 2);
        await peer.FlushAsync();
        Assert.Equal(FaultCode.BadArguments, await peer.ReadFaultAsync(1));
        await peer.ReadAsync(FrameKind.Reply, 2);
        await Eventually.TrueAsync(() => _node.StreamCount == 0 && _node.GatheredBytes == 0, "its memory to be given back");
        await EndAsync(peer, CloseReason.None);
    }

    [Fact]
    public async Task A_large_payload_beyond_its_limit_is_given_up_and_its_sender_told()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("echo", 1, streams: [1], flags: FrameFlags.Streamed);
        for (int sent = 0; sent <= 128 * 1024; sent += 16_000)
        {
            peer.PutData(1, 16_000);
            await peer.FlushAsync();
            if (sent is > 0 and < (112 * 1024))
            {
                await peer.ReadAsync(FrameKind.Credit, 1);
                peer.PutData(1, 16_000);
                sent += 16_000;
            }
        }

        await peer.FlushAsync();
        Assert.Equal(FaultCode.BadArguments, await peer.ReadFaultAsync(1));
        await EndAsync(peer, CloseReason.None);
    }

    [Fact]
    public async Task Streams_that_would_keep_more_receive_memory_than_the_limit_fail()
    {
        await _node.DisposeAsync();
        await StartAsync(_limits with { SlabBytesMax = 64 * 1024 });
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        using var refused = new CountedMetric(_node, "kameo.transport.receive_memory_refused");
        for (ulong number = 1; number <= 3; number++)
        {
            peer.PutAsk("wait", number, streams: [number]);
            peer.PutData(number, 30_000);
        }

        peer.PutAsk("wait", 4, streams: [4]);
        peer.PutData(4, 30_000);
        await peer.FlushAsync();

        // 120,000 bytes unread in slabs of 64 KiB, of which one may be out: at least one stream is given up here.
        await peer.ReadAsync(FrameKind.Cancel);
        Assert.True(refused.Now > 0);
        Assert.True(_node.StreamCount < 4);
        Assert.InRange(_node.Slabs.OutstandingBytes, 0, 3 * 64 * 1024);
        await EndAsync(peer, CloseReason.None);
    }

    [Fact]
    public async Task An_answer_longer_than_its_frame_may_be_closes_the_connection()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        Task<NameReply> ask = new RemoteName(_node, peer.Id, "theirs", default).AskAsync(default).AsTask();
        (FrameHeader header, _) = await peer.ReadAsync(FrameKind.Ask);
        peer.Put(new FrameHeader { Kind = FrameKind.Reply, Correlation = header.Correlation }, new byte[PendingBudget.ReplyBytesMax - FrameHeader.Bytes + 1]);
        await peer.FlushAsync();
        Assert.Equal(CloseReason.OversizedFrame, await peer.ReadGoodbyeAsync());
        TransportException lost = await Assert.ThrowsAsync<TransportException>(() => ask.WaitAsync(TwoNodes.Deadline));
        Assert.True(lost.MayHaveRun);
    }

    [Fact]
    public async Task An_answer_that_names_streams_wrongly_fails_its_ask()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        Task<NameReply> ask = new RemoteName(_node, peer.Id, "theirs", default).AskAsync(default).AsTask();
        (FrameHeader header, _) = await peer.ReadAsync(FrameKind.Ask);
        peer.Put(new FrameHeader { Kind = FrameKind.Reply, Correlation = header.Correlation, Flags = FrameFlags.Streamed });
        await peer.FlushAsync();
        Assert.Equal(CloseReason.ProtocolViolation, await peer.ReadGoodbyeAsync());
        await Assert.ThrowsAsync<TransportException>(() => ask.WaitAsync(TwoNodes.Deadline));
    }

    [Fact]
    public async Task More_credit_for_a_stream_than_was_taken_closes_the_connection()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("echo", 1, 60_000); // Answered by a stream: it is larger than an answer's frame.
        await peer.FlushAsync();
        (FrameHeader chunk, _) = await peer.ReadAsync(FrameKind.StreamData);
        peer.Put(new FrameHeader { Kind = FrameKind.Credit, Correlation = chunk.Correlation, Target = 1, Method = 1 << 20 });
        await peer.FlushAsync();
        Assert.Equal(CloseReason.ProtocolViolation, await peer.ReadGoodbyeAsync());
    }

    [Fact]
    public async Task A_result_that_its_reader_does_not_take_is_given_up()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("echo", 1, 60_000); // Answered by a stream, of which 32 KiB may be sent.
        await peer.FlushAsync();
        await peer.ReadAsync(FrameKind.Reply, 1);
        (_, byte[] why) = await peer.ReadAsync(FrameKind.StreamEnd);
        Assert.NotEmpty(why);
        await Eventually.TrueAsync(() => _node.StreamCount == 0 && _node.GatheredBytes == 0, "its memory to be given back");
        await EndAsync(peer, CloseReason.None);
    }

    [Fact]
    public async Task Results_beyond_the_memory_for_large_payloads_are_answered_by_a_fault()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        ulong correlation = 0;
        for (int count = 0; count < 5; count++)
        {
            peer.PutAsk("echo", ++correlation, 40_000); // 64 KiB of 256 each; none is taken.
        }

        await peer.FlushAsync();
        Assert.Equal(FaultCode.BadResult, await peer.ReadFaultAsync(5));
        Assert.InRange(_node.GatheredBytes, 0, 256 * 1024);
        await EndAsync(peer, CloseReason.None);
    }

    [Theory]
    [InlineData("sixteen", 60)] // Bytes of an ask: each is answered by a frame of 16,000.
    [InlineData("streamed", 60)]
    public async Task A_peer_that_does_not_read_its_answers_is_closed(string name, int askBytes)
    {
        await _node.DisposeAsync();
        await StartAsync(_limits with { UnsentReplyBytesMax = 64 * 1024, StreamStallTimeout = TimeSpan.FromMinutes(1) });
        byte[] sixteen = new byte[16_000];
        _node.Register("sixteen", request =>
        {
            request.Reply(sixteen);
            return default;
        });
        _node.Register("streamed", static request =>
        {
            request.Reply(default, new MemoryStream(new byte[100_000]));
            return default;
        });
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        using var closed = new CountedMetric(_node, "kameo.transport.connections_closed", nameof(CloseReason.AnswersUnread));
        for (ulong number = 1; number <= WindowBytes / (ulong)askBytes; number++)
        {
            peer.PutAsk(name, number);
        }

        await peer.FlushAsync();
        await Eventually.TrueAsync(() => closed.Sum == 1, "the peer to be closed");
        await Eventually.TrueAsync(() => _node.ConnectionCount == 0, "the connection to end");
    }

    private async Task StartAsync(TransportLimits limits)
    {
        _node = await TransportNode.StartAsync(TwoNodes.Options(options => options.Limits = limits));
        _node.Register("echo", TwoNodes.Echo);
        _node.Register("wait", async request =>
        {
            await _go.Task;
            request.Reply(default);
        });
        _node.Register("read", async request =>
        {
            try
            {
                var copy = new MemoryStream();
                await request.Stream!.CopyToAsync(copy);
                request.Reply(BitConverter.GetBytes(copy.Length));
                _read.TrySetResult(null);
            }
            catch (IOException exception)
            {
                _read.TrySetResult(exception);
                throw;
            }
        });
    }

    /// <summary>Either the node says goodbye for a reason, or it still answers; and then the peer goes.</summary>
    private async Task EndAsync(RawPeer peer, CloseReason reason)
    {
        if (reason != CloseReason.None)
        {
            Assert.Equal(reason, await peer.ReadGoodbyeAsync());
            return;
        }

        peer.Put(new FrameHeader(FrameKind.Ping, 0));
        await peer.FlushAsync();
        (FrameHeader answer, _) = await peer.ReadAsync(FrameKind.Ping);
        Assert.Equal(FrameFlags.Answer, answer.Flags);
        Assert.NotNull(_node.FindPeer(peer.Id)!.Connection);
    }
}
