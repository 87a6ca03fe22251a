using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Names;
using Kameo.Actors.Transport.Names.Direct;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Limits of a node that no other test fills: each is met once, and what was promised then happens. <c>Transport/README.md</c>, Bounds, has all of them.</summary>
public sealed class BoundTests
{
    [Fact]
    public async Task Asks_beyond_a_connections_limit_wait_and_those_beyond_the_waiting_ones_fail_at_once()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(client: static options => options.Limits = new TransportLimits { PendingAsksMax = 10, ParkedRequestsMax = 5 });
        using NameRegistration slow = nodes.Server.Register("slow", async _ => await go.Task);
        RemoteName name = await nodes.FindAsync("slow");
        using var parked = new CountedMetric(nodes.Client, "kameo.transport.requests_parked");
        using var waiting = new CountedMetric(nodes.Client, "kameo.transport.requests_waiting");
        using var pending = new CountedMetric(nodes.Client, "kameo.transport.asks_pending");
        Task<NameReply>[] asks = [.. Enumerable.Range(0, 15).Select(_ => name.AskAsync(default).AsTask())];
        Assert.Equal((10, 5, 5), (pending.Now, waiting.Now, parked.Sum));
        TransportException full = await Assert.ThrowsAsync<TransportException>(() => name.AskAsync(default).AsTask().WaitAsync(TwoNodes.Deadline));
        Assert.False(full.MayHaveRun);
        await Assert.ThrowsAsync<TransportException>(() => name.TellAsync(default).AsTask().WaitAsync(TwoNodes.Deadline));
        go.SetResult();
        foreach (Task<NameReply> ask in asks)
        {
            (await ask.WaitAsync(TwoNodes.Deadline)).Dispose();
        }
    }

    [Fact]
    public async Task Requests_that_would_pin_more_receive_memory_than_the_limit_are_refused()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes nodes = await TwoNodes.StartAsync(server: static options => options.Limits = new TransportLimits { SlabBytesMax = 64 * 1024 });
        using NameRegistration slow = nodes.Server.Register("slow", async _ => await go.Task);
        RemoteName name = await nodes.FindAsync("slow");
        using var refused = new CountedMetric(nodes.Server, "kameo.transport.requests_refused", nameof(FaultCode.Overloaded));
        using var slabs = new CountedMetric(nodes.Server, "kameo.transport.slab_bytes");
        Task<NameReply>[] asks = [.. Enumerable.Range(0, 50).Select(_ => name.AskAsync(new byte[12_000]).AsTask())];
        await Eventually.TrueAsync(() => refused.Sum > 30, "most to be refused");
        Assert.InRange(slabs.Now, 64 * 1024, 3 * 64 * 1024);
        go.SetResult();
        int answered = 0;
        foreach (Task<NameReply> ask in asks)
        {
            try
            {
                (await ask.WaitAsync(TwoNodes.Deadline)).Dispose();
                answered++;
            }
            catch (RemoteFaultException)
            {
                // One of those that were refused.
            }
        }

        Assert.Equal(50 - refused.Sum, answered);
        Assert.True(answered > 0);
    }

    [Theory]
    [InlineData(1, 100_000)]
    [InlineData(1000, 20)]
    public async Task Ids_beyond_the_table_travel_in_full(int idsMax, int bytesMax)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(server: options => options.Limits = new TransportLimits { InternedIdsMax = idsMax, InternedBytesMax = bytesMax });
        for (int number = 0; number < 5; number++)
        {
            using NameRegistration echo = nodes.RegisterEcho($"echo number {number}");
            RemoteName name = await nodes.FindAsync(echo.Name);
            for (int count = 0; count < 5; count++)
            {
                using NameReply reply = await name.AskAsync("here"u8.ToArray()).AsTask().WaitAsync(TwoNodes.Deadline);
                Assert.Equal(4, reply.Payload.Length);
            }
        }
    }

    [Theory]
    [InlineData("one too many")]
    [InlineData("too many bytes")]
    [InlineData("out of order")]
    [InlineData("no bytes")]
    [InlineData("too long")]
    public async Task A_peer_that_numbers_more_ids_than_the_table_holds_is_closed(string how)
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(static options => options.Limits = new TransportLimits { InternedIdsMax = 10, InternedBytesMax = 2_000 }));
        using RawPeer peer = await RawPeer.ConnectAsync(node);
        using var closed = new CountedMetric(node, "kameo.transport.connections_closed", nameof(CloseReason.TableOverrun));
        for (uint number = 1; number <= (how == "one too many" ? 11 : 5); number++)
        {
            int bytes = how switch
            {
                "too many bytes" => 401,
                "no bytes" => 0,
                "too long" => WireId.BytesMax + 1,
                _ => 20,
            };
            peer.Put(new FrameHeader { Kind = FrameKind.Define, Target = how == "out of order" ? number + 1 : number }, new byte[bytes]);
        }

        await peer.FlushAsync();
        Assert.Equal(CloseReason.TableOverrun, await peer.ReadGoodbyeAsync());
        peer.Dispose();
        await Eventually.TrueAsync(() => closed.Sum == 1, "the end to be counted");
    }

    [Fact]
    public async Task A_node_registers_so_many_names_and_takes_as_many_of_a_peer()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(static options => options.Limits = new TransportLimits { NamesMax = 3 }));
        for (int number = 0; number < 3; number++)
        {
            node.Register($"own {number}", TwoNodes.Echo);
        }

        Assert.Throws<InvalidOperationException>(() => node.Register("own 3", TwoNodes.Echo));
        using RawPeer peer = await RawPeer.ConnectAsync(node);
        PutNames(0, 3);
        await peer.FlushAsync();
        await Eventually.TrueAsync(() => node.LookupAll("theirs 2").Count == 1, "the peer's names to be known");
        PutNames(3, 4);
        await peer.FlushAsync();
        Assert.Equal(CloseReason.ProtocolViolation, await peer.ReadGoodbyeAsync());

        void PutNames(int from, int to)
        {
            var scratch = new ScratchBuffer(0, 64 * 1024);
            var writer = new MessagePackWriter(scratch);
            NameEntry[] entries = [.. Enumerable.Range(from, to - from).Select(static number => new NameEntry($"theirs {number}", (ulong)number + 1, RegistrationPriority.Normal, default))];
            new NameDelta((ulong)from, (ulong)to, entries, []).Encode(ref writer);
            peer.Put(new FrameHeader(FrameKind.Gossip, 0), scratch.WrittenSpan);
        }
    }

    [Fact]
    public async Task Names_and_metadata_have_their_length()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.ClientOptions());
        Assert.Throws<ArgumentException>(() => node.Register(new string('n', NameEntry.NameBytesMax + 1), TwoNodes.Echo));
        Assert.Throws<ArgumentException>(() => node.Register("n", TwoNodes.Echo, new byte[NameEntry.MetadataBytesMax + 1]));
        node.Register(new string('n', NameEntry.NameBytesMax), TwoNodes.Echo, new byte[NameEntry.MetadataBytesMax]).Dispose();
        Assert.Throws<ArgumentException>(static () => new OutboundTarget(new byte[WireId.BytesMax + 1]));
        Assert.Throws<ArgumentException>(static () => new OutboundMethod(new byte[WireId.MethodBytesMax + 1]));
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_given_up()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(static options =>
            options.Limits = new TransportLimits { PingInterval = TimeSpan.FromMilliseconds(200), PingTimeout = TimeSpan.FromSeconds(3), LingerTimeout = TimeSpan.FromMilliseconds(100) }));
        using RawPeer peer = await RawPeer.ConnectAsync(node);
        using var closed = new CountedMetric(node, "kameo.transport.connections_closed", nameof(CloseReason.PingTimeout));
        using var connections = new CountedMetric(node, "kameo.transport.connections");
        Assert.Equal(1, connections.Now);
        for (int count = 0; count < 3; count++)
        {
            // Heard of in time, it stays.
            await peer.ReadAsync(FrameKind.Ping);
            peer.Put(new FrameHeader(FrameKind.Ping, 0) { Flags = FrameFlags.Answer });
            await peer.FlushAsync();
        }

        Assert.Equal(0, closed.Sum);
        await peer.ReadAsync(FrameKind.Ping);
        await Eventually.TrueAsync(() => closed.Sum == 1, "the silent peer to be given up"); // It does not close its end either: the linger time-out ends that.
        Assert.Equal(0, connections.Now);
    }
}
