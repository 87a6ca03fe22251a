using System.Diagnostics;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Connections;

/// <summary>What keeps a peer connected, beside a peer that will not have it.</summary>
public sealed class DialerTests
{
    [Fact]
    public async Task Who_lets_a_node_in_and_puts_it_out_again_is_dialled_with_back_off()
    {
        const int Times = 8;
        int accepted = 0;
        long first = 0;
        var enough = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportNode server = await TransportNode.StartAsync(TwoNodes.Options(options => options.PeerConnected = peer =>
        {
            int count = Interlocked.Increment(ref accepted);
            first = count == 1 ? Stopwatch.GetTimestamp() : first;
            peer.Connection?.Close(CloseReason.StaleIncarnation, "as to a node whose key is in use");
            if (count == Times)
            {
                enough.TrySetResult(Stopwatch.GetElapsedTime(first));
            }
        }));
        await using TransportNode client = await TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
        {
            options.Seeds.Add(server.LocalEndPoint!.ToString());
            options.Limits = new TransportLimits { RedialFirst = TimeSpan.FromMilliseconds(10) };
        }));
        TimeSpan took = await enough.Task.WaitAsync(TwoNodes.Deadline);
        Assert.True(took >= TimeSpan.FromMilliseconds(600), $"{Times} connections within {took.TotalMilliseconds} ms"); // At least half of 10, 20, ... 640 ms lies between them.
    }
}
