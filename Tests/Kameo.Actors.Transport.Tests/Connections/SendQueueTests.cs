using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Tests.Connections;

public sealed class SendQueueTests
{
    private readonly CompletionBatchPool _batches = new(static exception => Assert.Fail(exception.Message));

    [Fact]
    public void A_peer_pauses_so_many_targets_and_no_more()
    {
        var queue = new SendQueue(10, 1 << 20, _batches);
        IdBinding[] targets = [.. Enumerable.Range(1, SendQueue.PausedMax + 1).Select(static number => new IdBinding(null!, (uint)number, isFinal: true))];
        foreach (IdBinding target in targets)
        {
            queue.Pause(target);
        }

        Assert.All(targets[..^1], static target => Assert.True(target.IsPaused));
        Assert.False(targets[^1].IsPaused); // Not heeded: its requests go on.
        queue.Resume(targets[0]);
        queue.Pause(targets[^1]);
        Assert.True(targets[^1].IsPaused);
    }

    [Fact]
    public void Replies_wait_up_to_their_bytes()
    {
        var queue = new SendQueue(10, 10_000, _batches);
        int parked = 0;
        while (queue.TryPark(ParkedSend.Rent(new byte[24], new byte[476])))
        {
            parked++;
        }

        Assert.Equal(10_000 / (500 + 256), parked);
        Assert.Equal(parked * (500 + 256), queue.ReplyBytes);
        bool wasPut = false;
        queue.Pump(_ => !wasPut && (wasPut = true));
        Assert.True(queue.TryPark(ParkedSend.Rent(new byte[24], new byte[476])));
        Assert.Equal(parked, queue.Close().Count);
        Assert.Equal(0, queue.ReplyBytes);
    }
}
