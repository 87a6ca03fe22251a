using System.Collections.Concurrent;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;

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

    [Fact]
    public void Tells_of_one_sender_to_one_target_are_taken_out_if_it_still_is_who_is_meant()
    {
        var queue = new SendQueue(10, 1 << 20, _batches);
        OutboundTarget[] targets = [new([1, 1]), new([1, 2])];
        object[] senders = [new(), new()];
        foreach (OutboundTarget target in targets)
        {
            foreach (object sender in senders)
            {
                foreach (bool insideTurn in (bool[])[true, false])
                {
                    Assert.True(queue.TryPark(ParkedSend.Rent(null, target, null, new RequestOptions(long.MaxValue) { Sender = sender, InsideTurn = insideTurn }, new byte[FrameHeader.Bytes], [])));
                }
            }
        }

        List<ParkedSend> taken = [];
        queue.TakeTells(targets[0], senders[1], static () => false, taken);
        Assert.Empty(taken);
        queue.TakeTells(targets[0], senders[1], static () => true, taken);
        Assert.Equal(2, taken.Count);
        Assert.All(taken, tell => Assert.True(ReferenceEquals(tell.Target, targets[0]) && ReferenceEquals(tell.Sender, senders[1])));
        Assert.Equal(6, queue.RequestCount);
        queue.TakeTells(targets[0], senders[1], static () => true, taken);
        Assert.Equal(2, taken.Count);
    }

    [Fact]
    public void Whoever_sends_over_the_connection_that_takes_over_comes_behind_all_that_is_still_being_passed_on()
    {
        const int Waiting = 5;
        var queue = new SendQueue(10, 1 << 20, _batches);
        var window = new RequestWindow();
        window.Open(10_000);
        for (int number = 0; number < Waiting; number++)
        {
            Assert.True(queue.TryPark(ParkedSend.Rent(null, new OutboundTarget([1, (byte)number]), null, new RequestOptions(long.MaxValue), new byte[FrameHeader.Bytes], [(byte)number])));
        }

        var order = new ConcurrentQueue<int>();
        using var isPassing = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var retiring = new Thread(() => Assert.True(queue.TryHandOver(window, send =>
        {
            order.Enqueue(send.Payload[0]);
            isPassing.Set();
            goOn.Wait();
        })));
        retiring.Start();
        isPassing.Wait();
        Assert.True(window.IsRetired); // A sender that sees it goes to the other connection, behind those that wait here.
        var sender = new Thread(() =>
        {
            queue.AwaitHandOver();
            order.Enqueue(Waiting);
        });
        sender.Start();
        Assert.True(SpinWait.SpinUntil(() => sender.ThreadState is ThreadState.WaitSleepJoin or ThreadState.Stopped, TimeSpan.FromSeconds(20)));
        goOn.Set();
        Assert.True(retiring.Join(TimeSpan.FromSeconds(20)));
        Assert.True(sender.Join(TimeSpan.FromSeconds(20)));
        Assert.Equal(Enumerable.Range(0, Waiting + 1), order);
        Assert.False(queue.TryPark(ParkedSend.Rent(null, new OutboundTarget([1, 0]), null, new RequestOptions(long.MaxValue), new byte[FrameHeader.Bytes], []))); // It takes no more.
    }

    [Fact]
    public void A_connection_with_something_under_way_hands_nothing_over()
    {
        var queue = new SendQueue(10, 1 << 20, _batches);
        var window = new RequestWindow();
        window.Open(10_000);
        Assert.True(window.TryTake(100, insideTurn: false));
        Assert.True(queue.TryPark(ParkedSend.Rent(null, new OutboundTarget([1, 0]), null, new RequestOptions(long.MaxValue), new byte[FrameHeader.Bytes], [])));

        Assert.False(queue.TryHandOver(window, static _ => Assert.Fail("it was passed on")));
        queue.AwaitHandOver(); // Nobody holds it up.
        Assert.False(window.IsRetired);
        window.Return(100);
        int passed = 0;
        Assert.True(queue.TryHandOver(window, _ => passed++));
        Assert.Equal(1, passed);
    }
}
