using System.Buffers;
using System.Net;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Ours: an actor, and a name with a handler.</summary>
internal sealed class KameoStack() : ManagedStack("kameo")
{
    public const string EchoName = "echo";
    public const string SinkName = "sink";

    public override async Task<IServerPart> ListenAsync(TransportLoop loop)
    {
        var tells = new TellCount();
        ServiceProvider services = new ServiceCollection().AddSingleton(tells).BuildServiceProvider();
        ActorNode node = await ActorNode.StartAsync(Options(loop, new IPEndPoint(IPAddress.Loopback, 0), services));
        node.Transport.Register(EchoName, static request =>
        {
            request.Reply(request.Payload.Span);
            return default;
        });
        node.Transport.Register(SinkName, static async request =>
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
            long bytes = 0;
            while (await request.Stream!.ReadAsync(buffer) is int read and not 0)
            {
                bytes += read;
            }

            ArrayPool<byte>.Shared.Return(buffer);
            request.Reply(BitConverter.GetBytes(bytes));
        });
        return new KameoServer(node, services, tells);
    }

    public override async Task<IClientPart> ConnectAsync(int port, TransportLoop loop)
    {
        ActorNode node = await StartClientAsync(loop);
        await node.Transport.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return new KameoClient(
            node, await node.Transport.LookupAsync(EchoName, CancellationToken.None), await node.Transport.LookupAsync(SinkName, CancellationToken.None), port, loop);
    }

    /// <summary>A node that only calls, connected to nobody yet.</summary>
    public static Task<ActorNode> StartClientAsync(TransportLoop loop) => ActorNode.StartAsync(Options(loop, null, null));

    private static ActorNodeOptions Options(TransportLoop loop, IPEndPoint? listen, IServiceProvider? services) => new()
    {
        Trust = TrustPolicy.Anyone(),
        ClusterName = "benchmark",
        Listen = listen,
        IsClient = listen is null,
        Services = services,
        Loop = loop,
    };
}

/// <summary>The node that is called.</summary>
internal sealed class KameoServer(ActorNode node, ServiceProvider services, TellCount tells) : IServerPart
{
    public int Port => node.Transport.LocalEndPoint!.Port;

    public long Received => tells.Value;

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await services.DisposeAsync();
    }
}
