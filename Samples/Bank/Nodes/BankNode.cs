using Kameo.Actors;
using Kameo.Actors.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samples.Bank.Ledgers;

namespace Samples.Bank.Nodes;

/// <summary>The process of one node: a member of the cluster that hosts accounts. It leaves when its standard input ends, so it never outlives who started it.</summary>
internal static class BankNode
{
    /// <summary>The cluster's name.</summary>
    public const string ClusterName = "bank";

    /// <summary>How long a call may take. An account of a killed node is answered again after about seven seconds: its eviction, and then the time for which its node might still have thought that it was a member.</summary>
    public static TimeSpan AskTimeout { get; } = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan s_linePeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(NodeSettings settings, CancellationToken cancellation)
    {
        // The secret comes by standard input: a command line can be read by every user of the machine.
        if (Console.In.ReadLine() is not { Length: > 0 } secret)
        {
            Console.Error.WriteLine("The first line of standard input must be the secret of the cluster.");
            return 2;
        }

        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using ILoggerFactory logs = LoggerFactory.Create(logging =>
            logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(settings.Verbose ? LogLevel.Debug : LogLevel.None));
        var branch = new Branch(settings.Name, new Ledger(settings.Ledger));
        await using ServiceProvider services = new ServiceCollection().AddSingleton(branch).BuildServiceProvider();
        await using ActorNode node = await ActorNode.StartAsync(ToOptions(settings, secret, services, logs), cancellation);
        _ = Task.Run(() => LeaveWithInput(stopping), CancellationToken.None);
        using var timer = new PeriodicTimer(s_linePeriod);
        try
        {
            do
            {
                NodeMembership membership = node.Transport.Membership!;
                var line = new NodeLine(node.Transport.LocalEndPoint!.ToString(), node.IsServing, membership.Epoch, node.ActivationCount, branch.Resumed, branch.Ledger.Refused);
                Console.Out.WriteLine(line.ToJson());
            }
            while (await timer.WaitForNextTickAsync(stopping.Token));
        }
        catch (OperationCanceledException)
        {
            // The node leaves in good order as it is disposed.
        }

        return 0;
    }

    private static ActorNodeOptions ToOptions(NodeSettings settings, string secret, IServiceProvider services, ILoggerFactory logs)
    {
        var options = new ActorNodeOptions
        {
            Trust = TrustPolicy.Secret(secret, ClusterName),
            ClusterName = ClusterName,
            AskTimeout = AskTimeout,
            Services = services,
            LoggerFactory = logs,
        };
        options.Membership!.Labels.Add($"name={settings.Name}");
        foreach (string seed in settings.Seeds)
        {
            options.Seeds.Add(seed);
        }

        return options;
    }

    private static void LeaveWithInput(CancellationTokenSource stopping)
    {
        while (Console.In.Read() >= 0)
        {
            // Only the end matters.
        }

        stopping.Cancel();
    }
}

/// <summary>What a node is started with.</summary>
/// <param name="Name">Its name: a letter.</param>
/// <param name="Ledger">The ledger's directory.</param>
/// <param name="Seeds">Nodes that it may ask to join.</param>
/// <param name="Verbose">Whether to log to standard error.</param>
internal sealed record NodeSettings(string Name, string Ledger, IReadOnlyList<string> Seeds, bool Verbose);
