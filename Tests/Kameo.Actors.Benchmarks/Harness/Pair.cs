using System.Globalization;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>A stack's server and client, two processes, connected. One round at a time.</summary>
internal sealed class Pair : IAsyncDisposable
{
    /// <summary>For a start, and for a round to drain after its duration: ours give an ask 30 s.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    private readonly ChildProcess _server;
    private readonly ChildProcess _client;

    private Pair(ChildProcess server, ChildProcess client)
    {
        _server = server;
        _client = client;
    }

    /// <summary>Starts both.</summary>
    public static async Task<Pair> StartAsync(IStack stack, TransportLoop loop, CancellationToken cancellation)
    {
        ChildProcess server = ChildProcess.Start(stack.Server(loop), $"The server of {stack.Name}");
        ChildProcess? client = null;
        try
        {
            int port = int.Parse(await server.ReadLineAsync(s_patience, cancellation), CultureInfo.InvariantCulture);
            client = ChildProcess.Start(stack.Client(port, loop), $"The client of {stack.Name}");
            await client.ReadLineAsync(s_patience, cancellation);
            return new Pair(server, client);
        }
        catch
        {
            if (client is not null)
            {
                await client.DisposeAsync();
            }

            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a round.</summary>
    /// <exception cref="InvalidDataException">Tells got lost, or nothing was answered.</exception>
    public async Task<Round> RunAsync(Work work, CancellationToken cancellation)
    {
        (Usage before, long receivedBefore) = await ReadServerAsync(cancellation);
        string answer = await _client.AskAsync(work.ToLine(), work.Duration + s_patience, cancellation);
        (Usage after, long receivedAfter) = await ReadServerAsync(cancellation);
        Round round = Round.Read(answer, after - before) with { WorkingSetBytes = _client.WorkingSetBytes + _server.WorkingSetBytes };
        long received = receivedAfter - receivedBefore;
        return work.Kind != WorkKind.Tell || received == round.Messages
            ? round
            : throw new InvalidDataException($"{round.Messages} tells were sent, {received} arrived.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task<(Usage Usage, long Received)> ReadServerAsync(CancellationToken cancellation)
    {
        string[] words = (await _server.AskAsync("usage", s_patience, cancellation)).Split(' ');
        return (Usage.Read(words), long.Parse(words[2], CultureInfo.InvariantCulture));
    }
}
