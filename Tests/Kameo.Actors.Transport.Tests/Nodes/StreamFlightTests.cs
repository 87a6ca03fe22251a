using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>What of a stream is under way, alone and beside messages, and when its reader gives credit; seen by a peer that gives credit as the test likes.</summary>
public sealed class StreamFlightTests : IAsyncLifetime
{
    private const int ChunkBytes = 16 * 1024;
    private const int WindowBytes = 16 * ChunkBytes;
    private const int FlightBytes = 4 * ChunkBytes;

    /// <summary>With so little room no chunk is begun.</summary>
    private const int SpareBytes = 1024;

    /// <summary>After so many answers with no chunk before them there comes none.</summary>
    private const int QuietAnswers = 8;

    private TransportNode _node = null!;

    public Task InitializeAsync() => StartAsync(TimeProvider.System);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Alone_a_stream_fills_its_readers_window_and_beside_messages_what_the_way_holds()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node, streamWindowBytes: WindowBytes);
        (ulong stream, int filled) = await FillWindowAsync(peer); // The message that names the stream is no message beside it.
        Assert.Equal(0, await ChunksBeforeAnswerAsync(peer, 2));

        // The answer was a message: of the whole window that is free now the stream takes the least.
        peer.PutStreamCredit(stream, filled);
        await peer.FlushAsync();
        int underWay = await peer.ReadChunksAsync(stream, FlightBytes - SpareBytes);
        Assert.InRange(underWay, 0, FlightBytes);
        Assert.Equal(0, await ChunksBeforeAnswerAsync(peer, 3));

        // And goes on with each credit, again to the whole window when there were no messages for a while.
        for (int read = 0; read <= StreamPace.NearBytes + WindowBytes;)
        {
            peer.PutStreamCredit(stream, underWay);
            await peer.FlushAsync();
            read += underWay = await peer.ReadChunksAsync(stream, 1);
        }

        await peer.ReadChunksAsync(stream, WindowBytes - FlightBytes - (2 * SpareBytes));
    }

    [Fact]
    public async Task Frames_of_the_transports_own_are_no_messages()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node, streamWindowBytes: WindowBytes);
        (ulong stream, int filled) = await FillWindowAsync(peer);
        peer.PutAsk("chunks", 2, streams: [7]);
        await SendAndReadCreditAsync(peer, 7, chunks: 3);
        peer.PutStreamCredit(stream, filled);
        await peer.FlushAsync();
        await peer.ReadChunksAsync(stream, WindowBytes - SpareBytes);
    }

    [Fact]
    public async Task Credit_comes_first_for_three_chunks_and_then_as_soon_as_one_was_read_and_there_is_no_other()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("chunks", 1, streams: [7]);
        for (int round = 0; round < 20; round++)
        {
            await SendAndReadCreditAsync(peer, 7, chunks: round == 0 ? 3 : 1);
        }

        peer.PutEnd(7);
        await peer.FlushAsync();
        await peer.ReadAsync(FrameKind.Reply, 1);
    }

    [Fact]
    public async Task A_payload_that_is_gathered_is_credited_chunk_by_chunk_after_the_first_three()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node);
        peer.PutAsk("echo", 1, streams: [7], flags: FrameFlags.Streamed);
        for (int round = 0; round < 10; round++)
        {
            await SendAndReadCreditAsync(peer, 7, chunks: round == 0 ? 3 : 1);
        }
    }

    [Theory]
    [InlineData(false)] // All that came at once, as a reader with a large buffer does.
    [InlineData(true)] // Chunk by chunk.
    public async Task On_a_long_way_a_stream_fills_its_window_beside_messages_after_some_turns(bool byChunks)
    {
        var time = new StoppedTime();
        await _node.DisposeAsync();
        await StartAsync(time);
        using RawPeer peer = await RawPeer.ConnectAsync(_node, streamWindowBytes: WindowBytes);
        peer.PutAsk("source", 1);
        await peer.FlushAsync();
        (FrameHeader first, byte[] payload) = await peer.ReadAsync(FrameKind.StreamData);
        int read = FrameHeader.Bytes + payload.Length;
        ulong correlation = 1;
        int most = 0;
        for (int turn = 0; turn < 200 && most < WindowBytes - (2 * ChunkBytes); turn++)
        {
            int before = peer.ChunkBytesSeen;
            for (int quiet = 0; quiet < QuietAnswers;)
            {
                quiet = await ChunksBeforeAnswerAsync(peer, ++correlation) == 0 ? quiet + 1 : 0; // Messages in each turn, until the source, which goes on elsewhere, has put all that it may.
            }

            read += peer.ChunkBytesSeen - before;
            most = turn < 5 ? 0 : read; // First it fills its window: it was alone until the first answer.
            time.Advance(TimeSpan.FromMilliseconds(20));
            while (read > 0)
            {
                int part = byChunks ? Math.Min(read, ChunkBytes) : read;
                peer.PutStreamCredit(first.Correlation, part);
                await peer.FlushAsync();
                read -= part;
            }
        }

        Assert.InRange(most, WindowBytes - (2 * ChunkBytes), WindowBytes);
    }

    [Fact]
    public async Task A_reader_that_gives_credit_by_larger_parts_than_may_be_under_way_holds_its_sender_for_a_second_at_most()
    {
        using RawPeer peer = await RawPeer.ConnectAsync(_node, streamWindowBytes: WindowBytes);
        (ulong stream, int filled) = await FillWindowAsync(peer);
        await ChunksBeforeAnswerAsync(peer, 2);
        peer.PutStreamCredit(stream, filled);
        await peer.FlushAsync();
        await peer.ReadChunksAsync(stream, FlightBytes - SpareBytes);
        Assert.Equal(0, await ChunksBeforeAnswerAsync(peer, 3));
        await peer.ReadChunksAsync(stream, WindowBytes - FlightBytes - (2 * SpareBytes));

        // Once, and not for each part.
        int before = peer.ChunkBytesSeen;
        peer.PutStreamCredit(stream, before - filled);
        await peer.FlushAsync();
        await ChunksBeforeAnswerAsync(peer, 4);
        await peer.ReadChunksAsync(stream, WindowBytes - SpareBytes - (peer.ChunkBytesSeen - before));
    }

    [Fact]
    public async Task A_reader_that_paused_and_goes_on_has_no_more_under_way_beside_messages_than_before()
    {
        var time = new StoppedTime();
        await _node.DisposeAsync();
        await StartAsync(time);
        using RawPeer peer = await RawPeer.ConnectAsync(_node, streamWindowBytes: WindowBytes);
        (ulong stream, int filled) = await FillWindowAsync(peer);
        await ChunksBeforeAnswerAsync(peer, 2);
        peer.PutStreamCredit(stream, filled);
        await peer.FlushAsync();
        await peer.ReadChunksAsync(stream, FlightBytes - SpareBytes);
        Assert.Equal(0, await ChunksBeforeAnswerAsync(peer, 3));
        time.Advance(TimeSpan.FromSeconds(1));
        time.FireTimers();
        await peer.ReadChunksAsync(stream, WindowBytes - FlightBytes - (2 * SpareBytes));

        // It goes on, by parts as readers here do. The pause is over, whatever a tick finds.
        int underWay = peer.ChunkBytesSeen - filled;
        time.Advance(TimeSpan.FromSeconds(1));
        peer.PutStreamCredit(stream, 2 * ChunkBytes);
        underWay -= 2 * ChunkBytes;
        Assert.Equal(0, await ChunksBeforeAnswerAsync(peer, 4));
        time.FireTimers();
        int before = peer.ChunkBytesSeen;
        for (int part; underWay > 0; underWay -= part)
        {
            part = Math.Min(underWay, 2 * ChunkBytes);
            peer.PutStreamCredit(stream, part);
        }

        await peer.FlushAsync();
        await peer.ReadChunksAsync(stream, FlightBytes - SpareBytes);
        Assert.Equal(0, await ChunksBeforeAnswerAsync(peer, 5));
        Assert.InRange(peer.ChunkBytesSeen - before, 0, FlightBytes);
    }

    [Fact]
    public async Task Two_reads_at_once_are_refused_until_the_first_has_gone_on()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        var refused = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using NameRegistration name = nodes.Server.Register("twice", async request =>
        {
            byte[] buffer = new byte[16];
            ValueTask<int> first = request.Stream!.ReadAsync(buffer);
            try
            {
                _ = await request.Stream.ReadAsync(new byte[16]);
                refused.SetResult(false);
            }
            catch (InvalidOperationException)
            {
                refused.SetResult(true);
            }

            Assert.Equal(1, await first);
            Assert.Equal(0, await request.Stream.ReadAsync(buffer));
            request.Reply(default);
        });
        RemoteName twice = await nodes.FindAsync("twice");
        var gate = new System.IO.Pipelines.Pipe();
        ValueTask<NameReply> reply = twice.AskAsync(default, gate.Reader.AsStream());
        Assert.True(await refused.Task.WaitAsync(TwoNodes.Deadline));
        await gate.Writer.WriteAsync(new byte[1]);
        await gate.Writer.CompleteAsync();
        (await reply.AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
    }

    [Fact]
    public async Task A_reader_that_was_woken_and_has_not_gone_on_yet_is_still_the_only_one()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        var seen = new TaskCompletionSource<(Exception? Second, Exception? First)>(TaskCreationOptions.RunContinuationsAsynchronously);
        using NameRegistration name = nodes.Server.Register("twice", async request =>
        {
            using var cancelled = new CancellationTokenSource();
            ValueTask<int> first = request.Stream!.ReadAsync(new byte[16], cancelled.Token);
            Exception? second = await Task.Run(() =>
            {
                var work = new LeaderWork(); // What is made ready stays here until it is run.
                work.Begin();
                cancelled.Cancel();
                ValueTask<int> read = request.Stream.ReadAsync(new byte[16]);
                work.End();
                work.Take()!.Execute();
                return read.IsFaulted ? read.AsTask().Exception!.InnerException : null;
            });
            seen.SetResult((second, await Record.ExceptionAsync(async () => await first)));
            request.Reply(default);
        });
        RemoteName twice = await nodes.FindAsync("twice");
        var open = new System.IO.Pipelines.Pipe();
        ValueTask<NameReply> reply = twice.AskAsync(default, open.Reader.AsStream());
        (Exception? refused, Exception? ended) = await seen.Task.WaitAsync(TwoNodes.Deadline);
        Assert.IsType<InvalidOperationException>(refused);
        Assert.IsType<OperationCanceledException>(ended);
        await open.Writer.CompleteAsync();
        (await reply.AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Streams_and_large_payloads_go_on_while_messages_go_beside_them(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.RegisterEcho();
        RemoteName echo = await nodes.FindAsync("echo");
        byte[] sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        async Task StreamAsync()
        {
            using NameReply reply = await echo.AskAsync(default, new MemoryStream(sent));
            var back = new MemoryStream();
            await reply.Stream!.CopyToAsync(back);
            Assert.True(sent.AsSpan().SequenceEqual(back.ToArray()));
        }

        async Task PayloadAsync()
        {
            using NameReply reply = await echo.AskAsync(sent);
            Assert.True(sent.AsSpan().SequenceEqual(reply.Payload.Span));
        }

        Task all = Task.WhenAll(StreamAsync(), PayloadAsync(), StreamAsync(), PayloadAsync());
        while (!all.IsCompleted)
        {
            (await echo.AskAsync("ping"u8.ToArray()).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
        }

        await all.WaitAsync(TwoNodes.Deadline);
    }

    private async Task StartAsync(TimeProvider time)
    {
        _node = await TransportNode.StartAsync(TwoNodes.Options(options =>
        {
            options.Limits = new TransportLimits { StreamWindowBytes = WindowBytes, StreamFlightBytes = FlightBytes };
            options.TimeProvider = time;
        }));
        _node.Register("echo", TwoNodes.Echo);
        _node.Register("source", static request =>
        {
            request.Reply(default, new MemoryStream(new byte[64 * 1024 * 1024]));
            return default;
        });
        _node.Register("chunks", static async request =>
        {
            byte[] buffer = new byte[WindowBytes];
            while (await request.Stream!.ReadAsync(buffer) > 0)
            {
            }

            request.Reply(default);
        });
    }

    /// <summary>Opens a stream of the node's and reads what comes without credit: but for the last kilobyte of the window, for which no chunk is begun.</summary>
    private static async Task<(ulong Stream, int Bytes)> FillWindowAsync(RawPeer peer)
    {
        peer.PutAsk("source", 1);
        await peer.FlushAsync();
        (FrameHeader first, byte[] payload) = await peer.ReadAsync(FrameKind.StreamData);
        int bytes = FrameHeader.Bytes + payload.Length;
        bytes += await peer.ReadChunksAsync(first.Correlation, WindowBytes - SpareBytes - bytes);
        return (first.Correlation, bytes);
    }

    /// <summary>Sends chunks of a stream to the node, which gives credit for all of them at once.</summary>
    private static async Task SendAndReadCreditAsync(RawPeer peer, ulong stream, int chunks)
    {
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            peer.PutData(stream, ChunkBytes - FrameHeader.Bytes);
        }

        await peer.FlushAsync();
        (FrameHeader credit, _) = await peer.ReadAsync(FrameKind.Credit, stream);
        Assert.Equal((uint)(chunks * ChunkBytes), credit.Method);
    }

    /// <summary>How many chunks come before the answer to an ask: what the node had to send before it.</summary>
    private static async Task<int> ChunksBeforeAnswerAsync(RawPeer peer, ulong correlation)
    {
        peer.PutAsk("echo", correlation);
        await peer.FlushAsync();
        int before = peer.ChunksSeen;
        await peer.ReadAsync(FrameKind.Reply, correlation);
        return peer.ChunksSeen - before;
    }
}
