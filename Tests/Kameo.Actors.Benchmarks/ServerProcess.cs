using System.Diagnostics;
using System.Globalization;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks;

/// <summary>The server in a process of its own, and a node connected to it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly RemoteName _usage;

    private ServerProcess(Process process, ActorNode client, RemoteName usage)
    {
        _process = process;
        Client = client;
        _usage = usage;
    }

    /// <summary>The node that calls.</summary>
    public ActorNode Client { get; }

    /// <summary>Starts both.</summary>
    public static async Task<ServerProcess> StartAsync(TransportLoop loop, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        }

        start.ArgumentList.Add("serve");
        start.ArgumentList.Add("--loop");
        start.ArgumentList.Add(loop.ToString());
        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync(cancellation);
        int port = int.Parse(line ?? throw new InvalidOperationException("The server did not start."), CultureInfo.InvariantCulture);
        ActorNode client = await ActorNode.StartAsync(
            new ActorNodeOptions { Trust = TrustPolicy.Anyone(), ClusterName = ServeCommand.ClusterName, Listen = null, IsClient = true, Loop = loop }, cancellation);
        await client.Transport.ConnectAsync($"127.0.0.1:{port}", cancellation: cancellation);
        return new ServerProcess(process, client, await client.Transport.LookupAsync("usage", cancellation));
    }

    /// <summary>What the server has used so far.</summary>
    public async Task<UsageSample> ReadUsageAsync()
    {
        using NameReply reply = await _usage.AskAsync(default);
        return UsageSample.From(reply.Payload.Span);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
