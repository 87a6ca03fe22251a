using System.CommandLine;
using Kameo.Actors;
using Kameo.Actors.Transport;
using Microsoft.Extensions.Logging;
using Samples.PingPong;

var options = new PingClientOptions();
ParseResult parsed = options.ToCommand().Parse(args);
if (parsed.Errors.Count != 0)
{
    Console.Error.WriteLine($"{parsed.Errors[0].Message} See --help.");
    return 2;
}

parsed.RootCommandResult.Command.SetAction((result, cancellation) => RunAsync(options.Read(result), cancellation));
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });

static async Task<int> RunAsync(PingClientSettings settings, CancellationToken cancellation)
{
    try
    {
        await using ServerProcess? own = settings.WithServer ? await ServerProcess.StartAsync(settings.Secret, cancellation) : null;
        return await PingAsync(settings, own?.Id ?? settings.ServerId, cancellation);
    }
    catch (ArgumentException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return 2;
    }
    catch (TransportException exception)
    {
        Console.Error.WriteLine(Failure.Describe(exception, settings));
        return 1;
    }
    catch (Exception exception) when (exception is InvalidOperationException or PlatformNotSupportedException)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Stopped.");
        return 1;
    }
}

static async Task<int> PingAsync(PingClientSettings settings, PeerId? wanted, CancellationToken cancellation)
{
    using ILoggerFactory logs = LoggerFactory.Create(logging =>
        logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(settings.Verbose ? LogLevel.Debug : LogLevel.None));
    await using ActorNode node = await ActorNode.StartAsync(
        new ActorNodeOptions
        {
            Trust = settings.Secret is { } secret ? TrustPolicy.Secret(secret, PingPong.ClusterName) : TrustPolicy.Anyone(),
            ClusterName = PingPong.ClusterName,
            Listen = null,
            IsClient = true,
            AskTimeout = settings.Timeout,
            LoggerFactory = logs,
        },
        cancellation);
    if (settings.Secret is null)
    {
        Console.Error.WriteLine(PingPong.OpenWarning);
    }

    FoundServer server;
    using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
    {
        timeout.CancelAfter(settings.Timeout);
        try
        {
            server = await FoundServer.FindAsync(node.Transport, settings, wanted, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine(settings.Address is null
                ? $"No server found by mDNS within {settings.Timeout.TotalSeconds:0.#} s. Is one running on this network? Otherwise give --server-ip and --port."
                : $"No server: {settings.Address} did not answer within {settings.Timeout.TotalSeconds:0.#} s.");
            return 1;
        }
    }

    var run = new PingRun(node.Get<IPing>(PingPong.ActorKey), settings);
    await ProgressDisplay.ShowAsync(run.RunAsync(cancellation), run, settings);
    var report = new Report(run, server);
    if (settings.Json)
    {
        report.PrintJson();
    }
    else
    {
        report.Print();
    }

    if (run.Lost == 0)
    {
        return 0;
    }

    Console.Error.WriteLine($"{run.Lost} of {settings.Count} pings were lost on the way ({run.LostNotRun} of them certainly not counted by the server). The first: {run.FirstLoss}");
    return 1;
}
