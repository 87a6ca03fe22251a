using System.Security.Cryptography;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>TLS keys change while asks and streams run in both directions, every other record at each side, over each loop: nothing is lost, nothing waits for ever.</summary>
public sealed class KeyUpdateTests
{
    private const int Updates = 2_000;
    private const int Callers = 8;

    public static TheoryData<TransportLoop, bool> Ways
    {
        get
        {
            var ways = new TheoryData<TransportLoop, bool>();
            foreach (TransportLoop loop in Loops.All)
            {
                ways.Add(loop, false);
                ways.Add(loop, true);
            }

            return ways;
        }
    }

    /// <param name="loop">Who reads the sockets.</param>
    /// <param name="asksForUpdates">Whether each change asks the other side for one: then what is read makes something to write, while the writer may be at work.</param>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Keys_change_thousands_of_times_under_load(TransportLoop loop, bool asksForUpdates)
    {
        void Configure(TransportOptions options) => options.Limits = new TransportLimits { TlsRecordsPerKey = 2, TlsAsksForKeyUpdates = asksForUpdates };
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop, Configure, Configure);
        using NameRegistration echo = nodes.RegisterEcho();
        using NameRegistration through = nodes.Server.Register("through", static async request =>
        {
            // Back while it still comes: both directions are busy at once.
            var both = new PassingStream();
            request.Reply("begun"u8, both);
            await request.Stream!.CopyToAsync(both);
            await both.EndAsync();
        });
        RemoteName asked = await nodes.FindAsync("echo");
        RemoteName streamed = await nodes.FindAsync("through");
        Connection client = nodes.Peer.Connection!;
        Connection server = nodes.Server.Peers.Single().Connection!;
        using var stop = new CancellationTokenSource(TwoNodes.Deadline);
        Task<int>[] callers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            int answered = 0;
            for (; client.KeyUpdates < Updates || server.KeyUpdates < Updates; answered++)
            {
                Assert.False(stop.IsCancellationRequested, $"{client.KeyUpdates} and {server.KeyUpdates} key updates in time");
                byte[] sent = new byte[random.Next(8_000)];
                random.NextBytes(sent);
                using NameReply reply = await asked.AskAsync(sent);
                Assert.True(reply.Payload.Span.SequenceEqual(sent));
            }

            return answered;
        }))];
        byte[] large = new byte[8 << 20];
        new Random(1).NextBytes(large);
        using (NameReply reply = await streamed.AskAsync(default, new MemoryStream(large)).AsTask().WaitAsync(TwoNodes.Deadline))
        {
            byte[] hash = await SHA256.HashDataAsync(reply.Stream!, stop.Token);
            Assert.Equal(SHA256.HashData(large), hash);
        }

        Assert.All(await Task.WhenAll(callers).WaitAsync(TwoNodes.Deadline), static answered => Assert.True(answered > 0));
        Assert.True(nodes.Peer.IsConnected && nodes.Peer.Connection == client);
    }

    [Fact]
    public async Task A_peer_that_asks_for_key_updates_and_reads_none_is_closed()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(static options => options.Limits = new TransportLimits { LingerTimeout = TimeSpan.FromMilliseconds(100) }));
        byte[] sixteen = new byte[16_000];
        using NameRegistration answers = node.Register("sixteen", request =>
        {
            request.Reply(sixteen);
            return default;
        });
        using RawPeer peer = await RawPeer.ConnectAsync(node, floodsKeyUpdates: true);
        using var closed = new CountedMetric(node, "kameo.transport.connections_closed", nameof(CloseReason.ProtocolViolation));

        // More than the sockets of both sides take: the node's writer waits.
        for (ulong number = 1; number <= 2_000; number++)
        {
            peer.PutAsk("sixteen", number);
        }

        await peer.FlushAsync();
        await Eventually.TrueAsync(() => node.WaitingReplyBytes > 1 << 20, "answers to wait");
        for (int count = 0; count < 10_000; count++)
        {
            peer.Put(new FrameHeader(FrameKind.Ping, 0) { Flags = FrameFlags.Answer });
        }

        await peer.FlushAsync();
        await Eventually.TrueAsync(() => closed.Sum == 1, "the peer to be closed");
    }

    /// <summary>What is written to it can be read from it, once: bounded by what the reader has not read yet.</summary>
    private sealed class PassingStream : Stream
    {
        private readonly System.IO.Pipelines.Pipe _pipe = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public ValueTask EndAsync() => _pipe.Writer.CompleteAsync();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => await _pipe.Reader.AsStream(leaveOpen: true).ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await _pipe.Writer.WriteAsync(buffer, cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
