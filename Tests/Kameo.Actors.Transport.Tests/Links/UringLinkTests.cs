using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Links.Uring;
using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>The io_uring loop on real sockets, with as much of the kernel as each test allows. Where the machine has none there is nothing to show: the fallback has its own tests.</summary>
public sealed class UringLinkTests
{
    public static TheoryData<int> FeatureSets =>
    [
        (int)UringFeatures.None,
        (int)UringFeatures.DeferredWork,
        (int)UringFeatures.BufferRing,
        (int)(UringFeatures.BufferRing | UringFeatures.Multishot),
        (int)UringFeatures.All,
    ];

    [Theory]
    [MemberData(nameof(FeatureSets))]
    public async Task Bytes_arrive_whole_and_in_order_in_both_directions_and_then_the_end(int allowed)
    {
        using UringLinks? links = UringLinks.Open((UringFeatures)allowed);
        if (links is null)
        {
            return;
        }

        Assert.Equal(UringFeatures.None, links.Features & ~(UringFeatures)allowed);
        (LinkEnd here, LinkEnd there) = await links.OpenAsync();
        await Task.WhenAll(SendAsync(here, 1), SendAsync(there, 2)).WaitAsync(TwoNodes.Deadline);
        await Eventually.TrueAsync(() => there.ReceivedBytes == here.SentBytes && here.ReceivedBytes == there.SentBytes, "all to arrive");
        here.Link.EndSending();
        Assert.Null(await there.Closed.WaitAsync(TwoNodes.Deadline));
        Assert.Null(await here.Closed.WaitAsync(TwoNodes.Deadline));
        Assert.Null(here.Fault ?? there.Fault);

        static async Task SendAsync(LinkEnd end, int seed)
        {
            var random = new Random(seed);
            while (end.SentBytes < 8 * 1024 * 1024)
            {
                Assert.True(await end.SendAsync(1 + random.Next(random.Next(200_000) + 1)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(FeatureSets))]
    public async Task Links_that_are_closed_while_bytes_flow_are_told_once_and_get_nothing_more(int allowed)
    {
        using UringLinks? links = UringLinks.Open((UringFeatures)allowed);
        if (links is null)
        {
            return;
        }

        for (int round = 0; round < 60; round++)
        {
            var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (LinkEnd here, LinkEnd there) = await links.OpenAsync(() => arrived.TrySetResult());
            Task sending = PumpAsync(here);
            if (round % 3 != 0)
            {
                await arrived.Task.WaitAsync(TwoNodes.Deadline); // Else the receive may not even have been armed.
            }

            LinkEnd closing = round % 2 == 0 ? here : there;
            Parallel.Invoke(closing.Link.Close, closing.Link.Close);
            await Task.WhenAll(here.Closed, there.Closed, sending).WaitAsync(TwoNodes.Deadline);
            Assert.Null(here.Fault ?? there.Fault);
            Assert.Equal((1, 1), (here.CloseCount, there.CloseCount));
        }
    }

    [Theory]
    [MemberData(nameof(FeatureSets))]
    public async Task A_loop_that_is_disposed_under_load_ends_all_its_links_first(int allowed)
    {
        for (int round = 0; round < 10; round++)
        {
            using UringLinks? links = UringLinks.Open((UringFeatures)allowed);
            if (links is null)
            {
                return;
            }

            var ends = new List<LinkEnd>();
            var pumps = new List<Task>();
            for (int count = 0; count < 5; count++)
            {
                (LinkEnd here, LinkEnd there) = await links.OpenAsync();
                ends.AddRange([here, there]);
                pumps.AddRange([PumpAsync(here), PumpAsync(there)]);
            }

            links.DisposeHere();
            Assert.All(ends.Where((_, index) => index % 2 == 0), static end => Assert.Equal(1, end.CloseCount));
            await Task.WhenAll([.. pumps, .. ends.Select(static end => end.Closed)]).WaitAsync(TwoNodes.Deadline);
            Assert.All(ends, static end => Assert.Null(end.Fault));
        }
    }

    [Fact]
    public async Task A_link_of_a_loop_that_is_over_is_told_so()
    {
        using UringLinks? links = UringLinks.Open();
        if (links is null)
        {
            return;
        }

        (ILink here, ILink there) = await links.ConnectAsync();
        (LinkEnd open, _) = await links.OpenAsync();
        links.DisposeHere();
        var late = new LinkEnd(here);
        here.Start(late);
        await late.Closed.WaitAsync(TwoNodes.Deadline);
        Assert.True(open.Link.Send(new byte[100]));
        open.Link.EndSending();
        open.Link.Close();
        there.Close();
        Assert.Equal(1, open.CloseCount);
    }

    [Theory]
    [MemberData(nameof(FeatureSets))]
    public async Task Links_share_the_buffers_and_none_starves(int allowed)
    {
        // One buffer: whoever is armed first takes it, and all others find none.
        using UringLinks? links = UringLinks.Open((UringFeatures)allowed, bufferCount: 1);
        if (links is null)
        {
            return;
        }

        var ends = new List<LinkEnd>();
        for (int count = 0; count < 4; count++)
        {
            (LinkEnd here, LinkEnd there) = await links.OpenAsync();
            ends.Add(there);
            _ = PumpAsync(here);
        }

        await Eventually.TrueAsync(() => ends.All(static end => end.ReceivedBytes > 2 * 1024 * 1024), "each link to get its share");
        long least = ends.Min(static end => end.ReceivedBytes);
        long most = ends.Max(static end => end.ReceivedBytes);
        Assert.True(most < 20 * least, $"the most that a link got is {most}, the least {least}");
        Assert.All(ends, static end => Assert.Null(end.Fault));
    }

    [Fact]
    public async Task A_send_that_finds_no_room_is_finished_when_there_is_some()
    {
        using UringLinks? links = UringLinks.Open();
        if (links is null)
        {
            return;
        }

        using var gate = new ManualResetEventSlim();
        (LinkEnd here, LinkEnd there) = await links.OpenAsync(gate.Wait);
        Task<bool> send = here.SendAsync(64 * 1024 * 1024);
        Assert.False(send.IsCompleted);
        gate.Set();
        Assert.True(await send.WaitAsync(TwoNodes.Deadline));
        await Eventually.TrueAsync(() => there.ReceivedBytes == here.SentBytes, "the rest to arrive");
        Assert.Null(there.Fault);
    }

    [Fact]
    public async Task When_the_ring_itself_fails_its_links_say_why()
    {
        var kernel = new StrictKernel();
        using UringLinks? links = UringLinks.Open(kernel: kernel);
        if (links is null)
        {
            return;
        }

        (LinkEnd here, LinkEnd there) = await links.OpenAsync();
        Assert.True(await there.SendAsync(1));
        await Eventually.TrueAsync(() => here.ReceivedBytes == 1, "the link to be under way");
        kernel.EnterError = 14;
        await there.SendAsync(1);
        Assert.IsType<InvalidOperationException>(await here.Closed.WaitAsync(TwoNodes.Deadline));
        Assert.Null(await there.Closed.WaitAsync(TwoNodes.Deadline));
    }

    private static async Task PumpAsync(LinkEnd end)
    {
        while (await end.SendAsync(50_000))
        {
            await Task.Yield();
        }
    }
}
