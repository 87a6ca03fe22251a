using Kameo.Actors.Transport.Tests.Asks;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Asks and tells in steady state allocate nothing, at either end: both nodes are in this process, and all of it is counted.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class AllocationTests
{
    private const int Callers = 64;

    /// <summary>The smallest object has 24 bytes: one for each message would be far above this. The test host itself allocates a little now and then.</summary>
    private const double BytesPerMessageMax = 2;

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task An_ask_allocates_nothing(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration echo = nodes.RegisterEcho();
        RemoteName name = await nodes.FindAsync("echo");
        byte[] payload = new byte[64];
        await NothingAsync(40_000, async count =>
        {
            for (; count > 0; count--)
            {
                (await name.AskAsync(payload)).Dispose();
            }
        });
    }

    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_tell_allocates_nothing(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        using NameRegistration sink = nodes.Server.Register("sink", static _ => default);
        RemoteName name = await nodes.FindAsync("sink");
        byte[] payload = new byte[64];
        await NothingAsync(40_000, async count =>
        {
            for (; count > 0; count--)
            {
                await name.TellAsync(payload);
            }
        }, async () => (await name.AskAsync(default)).Dispose()); // Behind all of them.
    }

    private static async Task NothingAsync(int messages, Func<int, Task> send, Func<Task>? settle = null)
    {
        // The first rounds fill the pools and let the compiler finish.
        double least = double.MaxValue;
        for (int round = 0; round < 12 && least > BytesPerMessageMax; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(() => send(messages / Callers)))).WaitAsync(TwoNodes.Deadline);
            if (settle is not null)
            {
                await settle();
            }

            least = Math.Min(least, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / messages);
        }

        Assert.True(least <= BytesPerMessageMax, $"{least:0.0} bytes for each message in the best round");
    }
}
