using System.CommandLine;
using Kameo.Actors;
using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samples.PingPong;

var options = new PingServerOptions();
ParseResult parsed = options.ToCommand().Parse(args);
if (parsed.Errors.Count != 0)
{
    Console.Error.WriteLine($"{parsed.Errors[0].Message} See --help.");
    return 2;
}

parsed.RootCommandResult.Command.SetAction((result, cancellation) => RunAsync(options.Read(result), cancellation));
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });

static async Task<int> RunAsync(PingServerSettings settings, CancellationToken cancellation)
{
    using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
    using ILoggerFactory logs = LoggerFactory.Create(logging =>
        logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(settings.Verbose ? LogLevel.Debug : LogLevel.None));
    try
    {
        using SecretKey? key = settings.KeyFile is { } file ? KeyFile.LoadOrCreate(file) : null;
        var tally = new PingTally();
        await using ServiceProvider services = new ServiceCollection().AddSingleton(tally).BuildServiceProvider();
        await using ActorNode node = await ActorNode.StartAsync(
            new ActorNodeOptions
            {
                Trust = settings.Secret is { } secret ? TrustPolicy.Secret(secret, PingPong.ClusterName) : TrustPolicy.Anyone(),
                Key = key,
                ClusterName = PingPong.ClusterName,
                Listen = settings.Listen,
                AdvertisedAddress = settings.Advertise,
                Mdns = settings.Mdns,
                Services = services,
                LoggerFactory = logs,
            },
            stopping.Token);
        if (settings.ExitWithInput)
        {
            _ = Task.Run(() => LeaveWithInput(stopping), CancellationToken.None);
        }

        var console = new ServerConsole(settings);
        console.Ready(node.Id, node.Transport.LocalEndPoint!.Port, ReachableAddresses.Of(node.Transport.LocalEndPoint, settings.Advertise));
        await console.RunAsync(tally, stopping.Token);
        await node.DisposeAsync();
        console.Stopped(tally.Count);
        return 0;
    }
    catch (ArgumentException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return 2;
    }
    catch (Exception exception) when (exception is TransportException or KeyFileException or PlatformNotSupportedException)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
}

// Whoever started this server ended: so does it.
static void LeaveWithInput(CancellationTokenSource stopping)
{
    while (Console.In.Read() >= 0)
    {
        // Only the end matters.
    }

    stopping.Cancel();
}
