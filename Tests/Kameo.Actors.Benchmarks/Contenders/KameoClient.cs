using System.Diagnostics;
using System.Net;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>The node that calls, and for handshakes one more node for each caller: a node has one connection to a peer.</summary>
internal sealed class KameoClient(ActorNode node, RemoteName name, RemoteName sink, int port, TransportLoop loop) : IClientPart
{
    private readonly IEcho _echo = node.Get<IEcho>(1);

    /// <summary>What a stream comes to alone; measured before the first that is held to half of it.</summary>
    private double? _bulkBytesPerSecond;

    private readonly List<ActorNode> _diallers = [];

    public Task<long> RunAsync(Work work, Latencies latencies)
    {
        byte[] payload = new byte[work.SizeBytes];
        return work.Kind switch
        {
            WorkKind.TypedAsk => Callers.RunAsync(work, (_, end) => AskTypedAsync(payload, end, latencies)),
            WorkKind.RawAsk => Callers.RunAsync(work, (_, end) => AskRawAsync(payload, end, latencies)),
            WorkKind.Tell => TellAllAsync(work, payload, latencies),
            WorkKind.Bulk => SendBulkAsync(work),
            WorkKind.Ping => Callers.RunAsync(work, (_, end) => AskRawAsync(payload, end, latencies)),
            WorkKind.PingBesideBulk or WorkKind.PingBesideHalf => PingBesideAsync(work, payload, latencies),
            WorkKind.Handshake => DialAllAsync(work, latencies),
            _ => throw new NotSupportedException($"{work.Kind} is not for actors."),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        foreach (ActorNode dialler in _diallers)
        {
            await dialler.DisposeAsync();
        }
    }

    private async Task<long> AskTypedAsync(byte[] payload, RoundEnd end, Latencies latencies)
    {
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            await _echo.Echo(payload);
            latencies.Stop(started);
        }

        return count;
    }

    private async Task<long> AskRawAsync(byte[] payload, RoundEnd end, Latencies latencies)
    {
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            (await name.AskAsync(payload)).Dispose();
            latencies.Stop(started);
        }

        return count;
    }

    private async Task<long> SendBulkAsync(Work work)
    {
        var end = new RoundEnd(work.Duration);
        var source = new BulkSource(() => end.IsReached);
        using NameReply reply = await sink.AskAsync(default, source, work.Duration + TimeSpan.FromSeconds(30));
        return BitConverter.ToInt64(reply.Payload.Span) >> 20;
    }

    private async Task<long> PingBesideAsync(Work work, byte[] payload, Latencies latencies)
    {
        bool isHeld = work.Kind == WorkKind.PingBesideHalf;
        var end = new RoundEnd(work.Duration);
        if (isHeld && _bulkBytesPerSecond is null)
        {
            long begun = Stopwatch.GetTimestamp();
            long mebibytes = await SendBulkAsync(work);
            _bulkBytesPerSecond = mebibytes * 1024.0 * 1024.0 / Stopwatch.GetElapsedTime(begun).TotalSeconds;
            end = new RoundEnd(work.Duration);
        }

        var source = new BulkSource(() => end.IsReached, isHeld ? _bulkBytesPerSecond / 2 : null);
        ValueTask<NameReply> bulk = sink.AskAsync(default, source, work.Duration + TimeSpan.FromSeconds(30));
        long count = await AskRawAsync(payload, end, latencies);
        (await bulk).Dispose();
        return count;
    }

    private async Task<long> TellAllAsync(Work work, byte[] payload, Latencies latencies)
    {
        long count = await Callers.RunAsync(work, (_, end) => TellAsync(payload, end, latencies));
        await _echo.Echo(payload); // Behind all of them: when it is answered, they have been counted.
        return count;
    }

    private async Task<long> TellAsync(byte[] payload, RoundEnd end, Latencies latencies)
    {
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            await _echo.Tell().Count(payload);
            latencies.Stop(started);
        }

        return count;
    }

    private async Task<long> DialAllAsync(Work work, Latencies latencies)
    {
        while (_diallers.Count < work.InFlight)
        {
            _diallers.Add(await KameoStack.StartClientAsync(loop));
        }

        return await Callers.RunAsync(work, (index, end) => DialAsync(_diallers[index].Transport, end, latencies));
    }

    private async Task<long> DialAsync(TransportNode dialler, RoundEnd end, Latencies latencies)
    {
        var server = new IPEndPoint(IPAddress.Loopback, port);
        long count = 0;
        for (; !end.IsReached; count++)
        {
            long started = latencies.Start();
            Connection connection = await dialler.DialAsync(server, expected: null, CancellationToken.None);
            latencies.Stop(started);
            connection.Close(CloseReason.Shutdown, "measured");
            await connection.Finished;
        }

        return count;
    }
}
