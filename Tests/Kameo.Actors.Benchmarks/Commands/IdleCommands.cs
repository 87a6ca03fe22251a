using System.CommandLine;
using System.Globalization;
using System.Net;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Benchmarks.Reports;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Commands;

/// <summary>What idle connections keep: this process has the clients, another one the server.</summary>
internal static class IdleCommands
{
    private const int ConnectionsStandard = 1000;

    /// <summary>The first fill pools that belong to the process; they do not count.</summary>
    private const int FirstConnections = 50;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        Option<int?> connections = SettingsOptions.Bounded("--connections", "How many", 10, 4000, ConnectionsStandard.ToString("#,0", CultureInfo.InvariantCulture));
        Option<TransportLoop> loop = SettingsOptions.CreateLoop();
        var command = new Command("idle", "Memory that idle connections keep, at each end.") { connections, loop };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(connections) ?? ConnectionsStandard, parsed.GetValue(loop), cancellation));
        return command;
    }

    public static Command CreateServe()
    {
        Option<TransportLoop> loop = SettingsOptions.CreateLoop();
        var command = new Command("idle-serve", "The server's process.") { loop };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => ServeAsync(parsed.GetValue(loop), cancellation));
        return command;
    }

    private static async Task RunAsync(int count, TransportLoop loop, CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(s_patience);
        await using ChildProcess server = ChildProcess.Start(ManagedStack.ThisProgram("idle-serve", "--loop", loop.ToString()), "The server");
        int port = int.Parse(await server.ReadLineAsync(s_patience, bounded.Token), CultureInfo.InvariantCulture);
        await using var clients = new IdleClients(loop, new IPEndPoint(IPAddress.Loopback, port));
        await clients.StartAsync(FirstConnections + count, bounded.Token);
        await clients.UseAsync(..FirstConnections, bounded.Token);
        (Footprint clientBefore, Footprint serverBefore) = await MeasureAsync();
        await clients.UseAsync(FirstConnections.., bounded.Token);
        (Footprint clientAfter, Footprint serverAfter) = await MeasureAsync();

        var machine = Machine.Read();
        Console.WriteLine($"commit {machine.Commit}; {machine.Processor}, {machine.Cores} cores; {machine.System}; {machine.Runtime}; loop {loop}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} idle connections, each used before; bytes for each, above {FirstConnections} that came first"));
        Print("client", clientBefore, clientAfter);
        Print("server", serverBefore, serverAfter);

        async Task<(Footprint Client, Footprint Server)> MeasureAsync()
        {
            Footprint there = Footprint.Parse(await server.AskAsync("footprint", s_patience, bounded.Token));
            return (Footprint.Take(clients.Nodes), there);
        }
    }

    private static void Print(string side, in Footprint before, in Footprint after)
    {
        int count = after.Connections - before.Connections;
        long managed = after.ManagedBytes - after.KeptBytes - (before.ManagedBytes - before.KeptBytes);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{side}: working set {(after.WorkingSetBytes - before.WorkingSetBytes) / count:#,0}, managed heap {managed / count:#,0}, rings and slabs held {after.RentedBytes / count:#,0}; kept by its pools, all together {after.KeptBytes:#,0}; {count:#,0} connections"));
    }

    private static async Task ServeAsync(TransportLoop loop, CancellationToken cancellation)
    {
        await using TransportNode node = await TransportNode.StartAsync(IdleClients.Options(loop, new IPEndPoint(IPAddress.Loopback, 0)), cancellation);
        using NameRegistration echo = node.Register(IdleClients.EchoName, static request =>
        {
            request.Reply(request.Payload.Span);
            return default;
        });
        Console.WriteLine(node.LocalEndPoint!.Port);
        while (await Console.In.ReadLineAsync(cancellation) is not null)
        {
            await IdleClients.WaitUntilIdleAsync([node], cancellation);
            Console.WriteLine(Footprint.Take([node]).ToLine());
        }
    }
}
