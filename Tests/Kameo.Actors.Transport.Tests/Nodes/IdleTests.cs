using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Tests.Asks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>What a connection keeps that has been busy and is idle now: no ring, no slab, and little else.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class IdleTests
{
    /// <summary>The first fill the pools of the process, which are bounded; what more connections keep is measured with the others.</summary>
    private const int FirstClients = 30;

    private const int Clients = 120;
    private const int BytesPerConnectionMax = 64 * 1024;

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_idle_connection_keeps_little(TransportLoop loop)
    {
        var limits = new TransportLimits { PingInterval = TimeSpan.FromMilliseconds(500) };
        TransportOptions mediumOptions = TwoNodes.Options(options => options.Loop = loop);
        ILinkMedium medium = LoopMedium.Open(mediumOptions, NullLogger.Instance); // One set of loops for all: threads and their buffers are a node's, not a connection's.
        var nodes = new List<TransportNode>();
        try
        {
            var server = await TransportNode.StartAsync(TwoNodes.Options(Configure));
            nodes.Add(server);
            using NameRegistration echo = server.Register("echo", TwoNodes.Echo);
            for (int count = 0; count < Clients; count++)
            {
                nodes.Add(await TransportNode.StartAsync(TwoNodes.ClientOptions(Configure)));
            }

            // In groups of one size: no more are busy at a time later than at first.
            await UseAllAsync(nodes[1..(FirstClients + 1)]);
            long before = ManagedBytes(nodes);
            foreach (TransportNode[] group in nodes.Skip(FirstClients + 1).Chunk(FirstClients))
            {
                await UseAllAsync(group);
            }

            // Of a process that does other things beside, whose memory comes and goes.
            await Eventually.TrueAsync(() => (ManagedBytes(nodes) - before) / (2 * (Clients - FirstClients)) < BytesPerConnectionMax, $"less than {BytesPerConnectionMax} bytes for each end of a connection");
            Assert.Equal(Clients, server.ConnectionCount);

            // And from there they work as before.
            await UseAllAsync(nodes[1..(FirstClients + 1)]);

            async Task UseAllAsync(IReadOnlyList<TransportNode> clients)
            {
                await Task.WhenAll(clients.Select(client => UseAsync(client, server))).WaitAsync(TwoNodes.Deadline);

                // The portable link gives a large receive buffer back with the next short receive: an idle one's is a ping, or its answer.
                int[] pongs = [.. clients.Select(client => Pongs(client, server))];
                await Eventually.TrueAsync(() => clients.Select((client, index) => Pongs(client, server) > pongs[index]).All(static isMore => isMore), "a ping on each connection");
                await Eventually.TrueAsync(() => nodes.All(static node => node.RingBuffers.Rented == 0 && node.Slabs.OutstandingBytes == 0), "rings and slabs to be given back");
                await Eventually.TrueAsync(() => nodes.All(static node => node.PendingBudget.AsksGranted == 0 && node.GatheredBytes == 0), "what asks and payloads took to be given back");
            }
        }
        finally
        {
            await Task.WhenAll(nodes.Select(static node => node.DisposeAsync().AsTask()));
            (medium as IDisposable)?.Dispose();
        }

        void Configure(TransportOptions options)
        {
            options.Medium = medium;
            options.Limits = limits;
        }
    }

    /// <summary>All that is on the heap, but for what the nodes' own pools keep for the next that is busy: that is bounded for each node.</summary>
    private static long ManagedBytes(List<TransportNode> nodes) =>
        GC.GetTotalMemory(forceFullCollection: true) - nodes.Sum(static node => ((long)node.RingBuffers.Kept * node.RingBuffers.BufferBytes) + ((long)node.Slabs.Kept * node.Slabs.SlabBytes));

    private static int Pongs(TransportNode client, TransportNode server) =>
        client.FindPeer(server.Id)!.Connection!.PongCount + server.FindPeer(client.Id)!.Connection!.PongCount;

    /// <summary>Fills what a connection may take: many asks at once, a stream, a payload beyond a frame.</summary>
    private static async Task UseAsync(TransportNode client, TransportNode server)
    {
        if (client.FindPeer(server.Id) is null)
        {
            await client.ConnectAsync(server.LocalEndPoint!);
        }

        using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
        RemoteName echo = await client.LookupAsync("echo", timeout.Token);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async number =>
        {
            using NameReply reply = await echo.AskAsync(new byte[number * 1000], number % 10 == 0 ? new MemoryStream(new byte[50_000]) : null);
            await (reply.Stream ?? Stream.Null).CopyToAsync(Stream.Null);
        }));
    }
}
