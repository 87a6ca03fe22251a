using System.CommandLine;
using System.Text.Json.Nodes;
using Kameo.Actors.EndToEnd.Node;
using Kameo.Actors.EndToEnd.Node.Counting;
using Kameo.Actors.Transport;
using Microsoft.Extensions.Logging;

var command = new NodeCommand();
ParseResult parsed = command.ToCommand().Parse(args);
if (parsed.Errors.Count != 0)
{
    Console.Error.WriteLine($"{parsed.Errors[0].Message} See --help.");
    return 2;
}

parsed.RootCommandResult.Command.SetAction((result, _) => RunAsync(command.Read(result)));
return await parsed.InvokeAsync();

static async Task<int> RunAsync(NodeSettings settings)
{
    using ILoggerFactory logs = LoggerFactory.Create(logging => logging
        .AddSimpleConsole(static console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss.fff "))
        .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .SetMinimumLevel(settings.Verbose ? LogLevel.Debug : LogLevel.Warning));
    try
    {
        var events = new EventWriter();
        if (settings.NonsenseTo is { } target)
        {
            using var ended = new CancellationTokenSource();
            Task talking = Task.Run(() => new Nonsense(settings, events).Run(target, ended.Token));
            while (Console.In.ReadLine() is not null)
            {
                // Only the end matters.
            }

            ended.Cancel();
            await talking;
            return 0;
        }

        using SecretKey? key = settings.KeyFile is { } file ? KeyFile.LoadOrCreate(file) : null;
        if (settings.WitnessFile is not null)
        {
            await CountingNode.RunAsync(settings, key, logs, events);
            return 0;
        }

        TransportOptions options = settings.ToOptions(key);
        options.LoggerFactory = logs;
        options.Membership!.Observer = new ViewWatch(events);
        await using TransportNode node = await TransportNode.StartAsync(options);
        events.Write("ready", new JsonObject { ["id"] = node.Id.ToString(), ["port"] = node.LocalEndPoint?.Port ?? 0, ["process"] = Environment.ProcessId });
        await new CommandLoop(node, events).RunAsync();
        await node.DisposeAsync();
        events.Write("left");
        return 0;
    }
    catch (Exception exception) when (exception is TransportException or KeyFileException or ArgumentException)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
}
