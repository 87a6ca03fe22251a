using System.Buffers.Binary;
using System.Globalization;
using Kameo.Actors.Transport.Tests.Asks;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>
/// Everything at once for a while: tells, asks, streams, large payloads, asks that are cancelled; and now and then the connection ends. Every ask is accounted for, nothing is lost that was accepted on a
/// connection that lived, order holds, and what was held is given back. A few seconds with the tests; <c>KAMEO_SOAK_SECONDS</c> says how long for each loop otherwise.
/// </summary>
[Collection(AloneInTheProcess.Name)]
public sealed class SoakTests
{
    private const int Callers = 24;
    private const double PhaseSeconds = 1.5;

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Everything_at_once(TransportLoop loop)
    {
        double seconds = double.Parse(Environment.GetEnvironmentVariable("KAMEO_SOAK_SECONDS") ?? "5", CultureInfo.InvariantCulture);
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        var sink = new Sink();
        using NameRegistration tells = nodes.Server.Register("sink", sink.Handle);
        using NameRegistration echo = nodes.RegisterEcho();
        using NameRegistration yields = nodes.Server.Register("yield", static async _ => await Task.Yield());
        long started = Environment.TickCount64;
        long memoryAtStart = 0;
        for (int phase = 0; phase == 0 || Environment.TickCount64 - started < seconds * 1000; phase++)
        {
            bool isCut = phase % 3 == 2;
            await RunPhaseAsync(nodes, sink, phase, isCut);
            await Eventually.TrueAsync(() => nodes.Client.StreamCount + nodes.Server.StreamCount == 0 && nodes.Client.PendingAskCount == 0, "streams and asks to end");
            await Eventually.TrueAsync(() => nodes.Server.GatheredBytes + nodes.Client.GatheredBytes == 0, "the memory of large payloads to be given back"); // A handler ends after its reply.
            long memory = GC.GetTotalMemory(forceFullCollection: true);
            if (phase < 2)
            {
                memoryAtStart = Math.Max(memoryAtStart, memory);
            }

            Assert.True(memory < memoryAtStart + (64 << 20), $"{memoryAtStart >> 20} MiB after the first phases, {memory >> 20} MiB after {phase + 1}");
        }
    }

    private static async Task RunPhaseAsync(TwoNodes nodes, Sink sink, int phase, bool isCut)
    {
        RemoteName tells = await nodes.FindAsync("sink");
        RemoteName echo = await nodes.FindAsync("echo");
        RemoteName yields = await nodes.FindAsync("yield");

        // What an ended connection had brought has been handled.
        await Eventually.TrueAsync(() => nodes.Server.ConnectionCount == 1, "the old connection to end");
        (await tells.AskAsync(default)).Dispose();
        long until = Environment.TickCount64 + (long)(PhaseSeconds * 1000);
        long received = sink.Received;
        var callers = Enumerable.Range(0, Callers).Select(number => new Caller(number, phase, until, isCut)).ToList();
        Task all = Task.WhenAll(callers.Select(caller => Task.Run(() => caller.RunAsync(tells, echo, yields))));
        if (isCut)
        {
            await Eventually.TrueAsync(() => Environment.TickCount64 > until - (PhaseSeconds * 500), "half of the phase");
            nodes.Peer.Connection?.Close(CloseReason.ConnectionLost, "the test cuts it");
            await all.WaitAsync(TwoNodes.Deadline);
            await nodes.Client.ConnectAsync(nodes.Server.LocalEndPoint!).WaitAsync(TwoNodes.Deadline);
        }

        await all.WaitAsync(TwoNodes.Deadline);
        long told = callers.Sum(static caller => caller.Told);
        if (!isCut)
        {
            // Behind all of them.
            using (await (await nodes.FindAsync("sink")).AskAsync(default))
            {
                Assert.Equal(told, sink.Received - received);
            }
        }

        Assert.True(callers.Sum(static caller => caller.Answered) > 0);
        Assert.Null(sink.Wrong);
    }

    private sealed class Sink
    {
        private readonly Dictionary<int, long> _last = [];
        private long _received;

        public long Received => Interlocked.Read(ref _received);

        public string? Wrong { get; private set; }

        public ValueTask Handle(NameRequest request)
        {
            if (request.IsAsk)
            {
                return default;
            }

            int caller = BinaryPrimitives.ReadInt32LittleEndian(request.Payload.Span);
            long number = BinaryPrimitives.ReadInt64LittleEndian(request.Payload.Span[4..]);
            if (_last.TryGetValue(caller, out long last) && number <= last)
            {
                Wrong ??= $"caller {caller}: {number} after {last}";
            }

            _last[caller] = number;
            Interlocked.Increment(ref _received);
            return default;
        }
    }

    private sealed class Caller(int number, int phase, long until, bool mayFail)
    {
        private readonly Random _random = new((phase * 1000) + number);

        public long Told { get; private set; }

        public long Answered { get; private set; }

        public async Task RunAsync(RemoteName tells, RemoteName echo, RemoteName yields)
        {
            try
            {
                for (long count = 0; Environment.TickCount64 < until; count++)
                {
                    await OnceAsync(tells, echo, yields, count);
                }
            }
            catch (Exception exception) when (mayFail && exception is TransportException or IOException)
            {
                // The connection was cut: by name, and nothing hangs.
            }
        }

        private async Task OnceAsync(RemoteName tells, RemoteName echo, RemoteName yields, long count)
        {
            switch (_random.Next(100))
            {
                case < 60:
                    byte[] told = new byte[12 + _random.Next(200)];
                    BinaryPrimitives.WriteInt32LittleEndian(told, number);
                    BinaryPrimitives.WriteInt64LittleEndian(told.AsSpan(4), ((long)phase << 32) + count);
                    await tells.TellAsync(told);
                    Told++;
                    break;
                case < 94:
                    byte[] asked = Bytes(_random.Next(2000));
                    using (NameReply reply = await echo.AskAsync(asked))
                    {
                        Assert.True(reply.Payload.Span.SequenceEqual(asked));
                    }

                    Answered++;
                    break;
                case < 96:
                    byte[] large = Bytes(_random.Next(300_000));
                    using (NameReply reply = await echo.AskAsync(large))
                    {
                        Assert.True(reply.Payload.Span.SequenceEqual(large));
                    }

                    Answered++;
                    break;
                case < 98:
                    byte[] streamed = Bytes(_random.Next(300_000));
                    using (NameReply reply = await echo.AskAsync(default, new MemoryStream(streamed)))
                    {
                        var back = new MemoryStream();
                        await reply.Stream!.CopyToAsync(back);
                        Assert.True(back.ToArray().AsSpan().SequenceEqual(streamed));
                    }

                    Answered++;
                    break;
                default:
                    using (var cancelled = new CancellationTokenSource(_random.Next(5)))
                    {
                        try
                        {
                            (await yields.AskAsync(default, cancellation: cancelled.Token)).Dispose();
                        }
                        catch (OperationCanceledException)
                        {
                            // Or it was answered first.
                        }
                    }

                    Answered++;
                    break;
            }
        }

        private byte[] Bytes(int length)
        {
            byte[] bytes = new byte[length];
            _random.NextBytes(bytes);
            return bytes;
        }
    }
}
