using System.Text.Json.Nodes;
using Kameo.Actors.Transport;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.EndToEnd.Node.Counting;

/// <summary>A node with actors that count, or a client that has them count.</summary>
internal static class CountingNode
{
    /// <summary>Runs it until it is to leave.</summary>
    public static async Task RunAsync(NodeSettings settings, SecretKey? key, ILoggerFactory logs, EventWriter events)
    {
        var witness = new WitnessFile(settings.WitnessFile!);
        WitnessFile.OfProcess = witness;
        ActorNodeOptions options = settings.ToActorOptions(key);
        options.LoggerFactory = logs;
        await using ActorNode node = await ActorNode.StartAsync(options);
        events.Write("ready", new JsonObject { ["id"] = node.Id.ToString(), ["port"] = node.Transport.LocalEndPoint?.Port ?? 0, ["process"] = Environment.ProcessId });
        StatusWatch.Start(node.Transport.Membership!, events);
        await new CommandLoop(node.Transport, events, new CountLoad(node, witness, events)).RunAsync();
        await node.StopAsync();
        events.Write("left");
    }
}
