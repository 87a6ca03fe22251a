using System.Net;
using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Kameo.Actors.Benchmarks;

/// <summary>The server's process: an actor, a name with a handler, and the way to read its usage. Ends with its standard input.</summary>
internal static class ServeCommand
{
    public const string ClusterName = "benchmark";

    /// <summary>Runs until standard input ends.</summary>
    public static async Task<int> RunAsync(TransportLoop loop, CancellationToken cancellation)
    {
        var usage = new Usage();
        await using ServiceProvider services = new ServiceCollection().AddSingleton(usage).BuildServiceProvider();
        await using ActorNode node = await ActorNode.StartAsync(
            new ActorNodeOptions { Trust = TrustPolicy.Anyone(), ClusterName = ClusterName, Listen = new IPEndPoint(IPAddress.Loopback, 0), Services = services, Loop = loop }, cancellation);
        using NameRegistration echo = node.Transport.Register("echo", static request =>
        {
            request.Reply(request.Payload.Span);
            return default;
        });
        using NameRegistration read = node.Transport.Register("usage", request =>
        {
            request.Reply(usage.Sample().ToBytes());
            return default;
        });
        Console.Out.WriteLine(node.Transport.LocalEndPoint!.Port);
        await Console.In.ReadToEndAsync(cancellation);
        return 0;
    }
}
