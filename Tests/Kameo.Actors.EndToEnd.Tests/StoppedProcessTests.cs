using System.Buffers.Binary;
using System.Diagnostics;
using Kameo.Actors.EndToEnd.Tests.Cluster;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Tests;

/// <summary>A process that is stopped while others send to it as fast as it takes: they wait, or are told at their deadline, in bounded memory; what was accepted arrives afterwards, in order.</summary>
[Collection(ClusterCollection.Name)]
public sealed class StoppedProcessTests
{
    private const int Senders = 8;
    private const int PayloadBytes = 4096;
    private const long GrowthBytesMax = 64 << 20;
    private static readonly TimeSpan s_tellTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_stopped = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Tells_fill_the_window_wait_until_their_deadline_and_all_that_was_accepted_arrives_in_order()
    {
        await using NodeProcess server = await NodeProcess.StartAsync();
        await server.AskAsync("sink sink");
        await using TransportNode client = await TransportNode.StartAsync(new TransportOptions
        {
            Trust = TrustPolicy.Anyone(),
            ClusterName = "cluster-tests",
            IsClient = true,
            Membership = new MembershipOptions(),
            TellTimeout = s_tellTimeout,
            Seeds = { server.Loopback },
        });
        using var timeout = new CancellationTokenSource(NodeProcess.Deadline);
        RemoteName sink = await client.LookupAsync("sink", timeout.Token);
        using var stop = new CancellationTokenSource();
        Sender[] senders = [.. Enumerable.Range(0, Senders).Select(number => new Sender(sink, number))];
        Task[] running = [.. senders.Select(sender => Task.Run(() => sender.RunAsync(stop.Token)))];
        await UntilAsync(() => senders.All(static sender => sender.Accepted > 100), "all to have sent");

        server.Pause();
        long begun = Stopwatch.GetTimestamp();
        await UntilAsync(() => senders.Sum(static sender => sender.Refused) != 0, "one to have waited in vain");
        Assert.True(Stopwatch.GetElapsedTime(begun) > s_tellTimeout * 0.9);
        long accepted = senders.Sum(static sender => sender.Accepted);
        long bytes = Process.GetCurrentProcess().WorkingSet64;
        await UntilAsync(() => Stopwatch.GetElapsedTime(begun) > s_stopped, "ten seconds to have passed");
        Assert.Equal(accepted, senders.Sum(static sender => sender.Accepted)); // Full is full.
        Assert.InRange(Process.GetCurrentProcess().WorkingSet64 - bytes, long.MinValue, GrowthBytesMax);
        Assert.All(senders, static sender => Assert.InRange(sender.Refused, 1, 4)); // One at a time, each at its deadline.

        server.Continue();
        await UntilAsync(() => senders.Sum(static sender => sender.Accepted) > accepted + 1000, "senders to go on");
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(NodeProcess.Deadline);
        long all = senders.Sum(static sender => sender.Accepted);
        NodeEvent sunk;
        begun = Stopwatch.GetTimestamp();
        do
        {
            sunk = await server.AskAsync("sink-report", "sunk");
            Assert.True(Stopwatch.GetElapsedTime(begun) < NodeProcess.Deadline, $"{sunk.Body} of {all}");
        }
        while (sunk.Body.GetProperty("taken").GetInt64() < all);

        Assert.Equal((all, 0), (sunk.Body.GetProperty("taken").GetInt64(), sunk.Body.GetProperty("disordered").GetInt64()));
        Assert.All(senders, static sender => Assert.Null(sender.Wrong));
    }

    private static async Task UntilAsync(Func<bool> reached, string what)
    {
        long begun = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!reached())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < NodeProcess.Deadline, $"waited in vain for {what}");
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Tells one after the other, as fast as they are accepted.</summary>
    private sealed class Sender(RemoteName to, int number)
    {
        private long _accepted;
        private long _refused;

        public long Accepted => Interlocked.Read(ref _accepted);

        public long Refused => Interlocked.Read(ref _refused);

        /// <summary>A failure that was none of a deadline.</summary>
        public string? Wrong { get; private set; }

        public async Task RunAsync(CancellationToken stop)
        {
            byte[] payload = new byte[PayloadBytes];
            BinaryPrimitives.WriteInt32LittleEndian(payload, number);
            for (long count = 1; !stop.IsCancellationRequested; count++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(sizeof(int)), count);
                try
                {
                    await to.TellAsync(payload);
                    Interlocked.Increment(ref _accepted);
                }
                catch (TransportException exception)
                {
                    Wrong ??= exception.MayHaveRun || exception.Reason != CloseReason.None ? exception.ToString() : null;
                    Interlocked.Increment(ref _refused);
                }
            }
        }
    }
}
