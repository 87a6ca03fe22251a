using System.Security.Cryptography;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Streams and payloads too large for a frame, through TLS on loopback and over each loop.</summary>
public sealed class StreamTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_stream_arrives_whole_and_another_comes_back(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.Server.Register("hash", static async request =>
        {
            var copy = new MemoryStream();
            await request.Stream!.CopyToAsync(copy);
            copy.Position = 0;
            request.Reply(SHA256.HashData(copy.ToArray()), copy);
        });
        RemoteName hash = await nodes.FindAsync("hash");
        foreach (int length in (int[])[0, 1, 1000, 16_360, 16_361, 300_000, 5_000_000])
        {
            byte[] sent = RandomBytes(length);
            using NameReply reply = await hash.AskAsync("x"u8.ToArray(), new MemoryStream(sent)).AsTask().WaitAsync(TwoNodes.Deadline);
            Assert.Equal(SHA256.HashData(sent), reply.Payload.ToArray());
            var back = new MemoryStream();
            await reply.Stream!.CopyToAsync(back).WaitAsync(TwoNodes.Deadline);
            Assert.Equal(sent, back.ToArray());
        }

        await NothingLeftAsync(nodes);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Many_streams_run_beside_each_other_and_beside_asks(TransportLoop loop)
    {
        const int Streams = 600; // More than may be open at a time: the others wait for a place.
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.RegisterEcho();
        RemoteName echo = await nodes.FindAsync("echo");
        byte[] sent = RandomBytes(100_000);
        async Task OneAsync()
        {
            using NameReply reply = await echo.AskAsync(default, new MemoryStream(sent));
            var back = new MemoryStream();
            await reply.Stream!.CopyToAsync(back);
            Assert.Equal(sent, back.ToArray());
        }

        Task all = Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => OneAsync()));
        while (!all.IsCompleted)
        {
            using NameReply reply = await echo.AskAsync("ping"u8.ToArray()).AsTask().WaitAsync(TwoNodes.Deadline);
            Assert.Equal(4, reply.Payload.Length);
        }

        await all.WaitAsync(TwoNodes.Deadline);
        await NothingLeftAsync(nodes);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_slow_reader_holds_the_sender_and_nobody_else(TransportLoop loop)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new EndlessStream();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration slow = nodes.Server.Register("slow", async request =>
        {
            await read.Task;
            request.Reply("done"u8);
        });
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName stalled = await nodes.FindAsync("slow");
        RemoteName quick = await nodes.FindAsync("echo");
        ValueTask<NameReply> answer = stalled.AskAsync(default, source);
        await Eventually.TrueAsync(() => source.BytesRead > 256 * 1024, "a window to be read");
        for (int count = 0; count < 1000; count++)
        {
            (await quick.AskAsync(new byte[64]).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
        }

        // A window, and what the pump has read ahead: no more, however long it lasts.
        Assert.InRange(source.BytesRead, 256 * 1024, 768 * 1024);
        read.SetResult();
        (await answer.AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();

        // The handler ended without reading it: the sender is told, and lets go of its source.
        await source.Disposed.WaitAsync(TwoNodes.Deadline);
        await NothingLeftAsync(nodes);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_source_that_fails_fails_the_reader(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.Server.Register("read", static async request => await request.Stream!.CopyToAsync(Stream.Null));
        RemoteName read = await nodes.FindAsync("read");
        var source = new EndlessStream { FailAfter = 1_000_000 };
        RemoteFaultException fault = await Assert.ThrowsAsync<RemoteFaultException>(async () => (await read.AskAsync(default, source).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose());
        Assert.Contains("the disk is gone", fault.Message, StringComparison.Ordinal);
        await source.Disposed.WaitAsync(TwoNodes.Deadline);
        await NothingLeftAsync(nodes);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_asker_that_stops_reading_stops_the_sender(TransportLoop loop)
    {
        var source = new EndlessStream();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.Server.Register("flood", request =>
        {
            request.Reply("here"u8, source);
            return default;
        });
        RemoteName flood = await nodes.FindAsync("flood");
        NameReply reply = await flood.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline);
        byte[] some = new byte[100_000];
        await reply.Stream!.ReadExactlyAsync(some).AsTask().WaitAsync(TwoNodes.Deadline);
        reply.Dispose();
        await source.Disposed.WaitAsync(TwoNodes.Deadline);
        await NothingLeftAsync(nodes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_ask_that_ends_without_its_answer_takes_its_stream_along(bool isCancelled)
    {
        var source = new EndlessStream();
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync();
        using NameRegistration name = nodes.Server.Register("read", async request =>
        {
            try
            {
                await request.Stream!.CopyToAsync(Stream.Null);
            }
            catch (IOException exception)
            {
                failed.SetResult(exception);
            }
        });
        RemoteName read = await nodes.FindAsync("read");
        using var cancellation = new CancellationTokenSource();
        Task<NameReply> answer = read.AskAsync(default, source, isCancelled ? null : TimeSpan.FromSeconds(3), cancellation.Token).AsTask();
        await Eventually.TrueAsync(() => source.BytesRead > 1_000_000, "much to be read");
        if (isCancelled)
        {
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(TwoNodes.Deadline));
        }
        else
        {
            await Assert.ThrowsAsync<TransportException>(() => answer.WaitAsync(TwoNodes.Deadline));
        }

        await source.Disposed.WaitAsync(TwoNodes.Deadline);
        await failed.Task.WaitAsync(TwoNodes.Deadline);
        await NothingLeftAsync(nodes);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task When_the_connection_ends_both_ends_of_a_stream_fail(TransportLoop loop)
    {
        var source = new EndlessStream();
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.Server.Register("read", async request =>
        {
            try
            {
                await request.Stream!.CopyToAsync(Stream.Null);
            }
            catch (IOException exception)
            {
                failed.SetResult(exception);
            }
        });
        RemoteName read = await nodes.FindAsync("read");
        Task<NameReply> answer = read.AskAsync(default, source).AsTask();
        await Eventually.TrueAsync(() => source.BytesRead > 10_000_000, "much to be read");
        nodes.Peer.Connection!.Close(CloseReason.Shutdown, "the test ends it");
        await Assert.ThrowsAsync<TransportException>(() => answer.WaitAsync(TwoNodes.Deadline));
        await failed.Task.WaitAsync(TwoNodes.Deadline);
        await source.Disposed.WaitAsync(TwoNodes.Deadline);
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Payloads_of_any_size_up_to_the_limit_go_both_ways_in_order(TransportLoop loop)
    {
        var order = new List<int>();
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration name = nodes.Server.Register("echo", request =>
        {
            lock (order)
            {
                order.Add(request.Payload.Length);
            }

            request.Reply(request.Payload.Span);
            return default;
        });
        RemoteName echo = await nodes.FindAsync("echo");
        int[] lengths = [10, 16_000, 16_384, 20_000, 65_000, 65_536, 70_000, 11, 1_000_000, 12, 20_000_000, 13];
        byte[][] sent = [.. lengths.Select(RandomBytes)];
        Task<NameReply>[] asks = [.. sent.Select(bytes => echo.AskAsync(bytes).AsTask())];
        for (int index = 0; index < asks.Length; index++)
        {
            using NameReply reply = await asks[index].WaitAsync(TwoNodes.Deadline);
            Assert.True(sent[index].AsSpan().SequenceEqual(reply.Payload.Span));
        }

        Assert.Equal(lengths, order);
        await NothingLeftAsync(nodes);
        await Eventually.TrueAsync(() => nodes.Server.GatheredBytes == 0, "memory to be given back");
        await Eventually.TrueAsync(() => nodes.Client.GatheredBytes == 0, "memory to be given back");
    }

    [Fact]
    public async Task A_payload_beyond_the_receivers_limit_is_refused_before_it_is_sent()
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(server: static options => options.Limits = new TransportLimits { PayloadBytesMax = 1_000_000 });
        using NameRegistration name = nodes.RegisterEcho();
        RemoteName echo = await nodes.FindAsync("echo");
        TransportException refused = await Assert.ThrowsAsync<TransportException>(async () => (await echo.AskAsync(new byte[1_000_001]).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose());
        Assert.False(refused.MayHaveRun);
        (await echo.AskAsync(new byte[1_000_000]).AsTask().WaitAsync(TwoNodes.Deadline)).Dispose();
    }

    [Fact]
    public async Task Payloads_beyond_the_nodes_memory_for_them_are_refused_and_give_it_back()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(server: static options => options.Limits = new TransportLimits { PayloadBytesMax = 1 << 20, GatheredBytesMax = 3 << 20 });
        using NameRegistration name = nodes.Server.Register("wait", async request =>
        {
            await go.Task;
            request.Reply(default);
        });
        RemoteName wait = await nodes.FindAsync("wait");
        var asks = new List<Task<NameReply>>();
        for (int count = 1; count <= 2; count++)
        {
            asks.Add(wait.AskAsync(new byte[1 << 20]).AsTask());
            await Eventually.TrueAsync(() => nodes.Server.GatheredBytes == count << 20, "a payload to be gathered");
        }

        asks.AddRange(Enumerable.Range(0, 10).Select(_ => wait.AskAsync(new byte[1 << 20]).AsTask()));
        await Eventually.TrueAsync(() => nodes.Client.StreamCount == 0, "all to be sent or refused");
        Assert.InRange(nodes.Server.GatheredBytes, 2 << 20, 3 << 20);
        go.SetResult();
        int refused = 0;
        foreach (Task<NameReply> ask in asks)
        {
            try
            {
                (await ask.WaitAsync(TwoNodes.Deadline)).Dispose();
            }
            catch (RemoteFaultException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 8, 10);
        await Eventually.TrueAsync(() => nodes.Server.GatheredBytes == 0, "memory to be given back");
    }

    private static byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static Task NothingLeftAsync(TwoNodes nodes) =>
        Eventually.TrueAsync(() => nodes.Client.StreamCount == 0 && nodes.Server.StreamCount == 0, "all streams to end");

    private sealed class EndlessStream : Stream
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _bytesRead;

        public long BytesRead => Interlocked.Read(ref _bytesRead);

        public long FailAfter { get; init; } = long.MaxValue;

        public Task Disposed => _disposed.Task;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Interlocked.Add(ref _bytesRead, count) > FailAfter)
            {
                throw new IOException("the disk is gone");
            }

            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _disposed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
