using System.Net;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>Data connections to members: which are dialled, and until when.</summary>
public sealed class MemberDialerTests
{
    [Fact]
    public async Task As_many_members_are_dialled_as_could_be_connected_and_the_others_are_logged()
    {
        var log = new CapturedLog();
        await using TransportNode node = await StartAsync(new TransportLimits { DialTargetsMax = 1, ConnectionsMax = 5 }, log);
        var dialers = new MemberDialers(node);
        dialers.Keep(ViewOf(4), Self(node));
        Assert.Equal(4, dialers.Count); // The limit on what was found or configured is none of theirs.
        dialers.Keep(ViewOf(9), Self(node));
        Assert.Equal(5, dialers.Count);
        await Eventually.TrueAsync(() => log.Lines.Any(static line => line.StartsWith("4 members are not dialled", StringComparison.Ordinal)), "the members that are not dialled to be logged");
        dialers.Keep(ViewOf(9, first: 5), Self(node));
        Assert.Equal(4, dialers.Count); // When others have gone, those are dialled that had no place.
        dialers.Stop();
        Assert.Equal(0, dialers.Count);
        dialers.Keep(ViewOf(4), Self(node));
        Assert.Equal(0, dialers.Count);
    }

    [Fact]
    public async Task A_view_in_which_nobody_is_new_allocates_next_to_nothing()
    {
        await using TransportNode node = await StartAsync(new TransportLimits());
        var dialers = new MemberDialers(node);
        View view = ViewOf(500);
        dialers.Keep(view, Self(node));
        dialers.Keep(view, Self(node)); // The view's own index is made once.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            dialers.Keep(view, Self(node));
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before); // A collection in between counts the rest of a block.
        }

        Assert.InRange(least, 0, 1_024);
        Assert.Equal(500, dialers.Count);
        dialers.Stop();
    }

    [Fact]
    public async Task A_client_that_is_disposed_dials_members_no_more()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(2);
        TransportOptions options = TwoNodes.ClientOptions();
        options.Membership = new MembershipOptions();
        options.Seeds.Add(cluster[0].LocalEndPoint!.ToString());
        TransportNode client = await TransportNode.StartAsync(options);
        await Eventually.TrueAsync(() => client.MemberDialerCount == 2, "dialers of both members");
        await client.DisposeAsync();
        Assert.Equal(0, client.MemberDialerCount);
    }

    [Fact]
    public async Task Who_could_not_leave_in_time_dials_members_no_more_either()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(2, static options => options.Membership!.LeaveTimeout = TimeSpan.Zero);
        TransportNode leaving = cluster[1];
        Assert.Equal(1, leaving.MemberDialerCount);
        cluster.Forget(leaving);
        await leaving.DisposeAsync();
        Assert.Equal(0, leaving.MemberDialerCount);
    }

    private static Task<TransportNode> StartAsync(TransportLimits limits, CapturedLog? log = null) => TransportNode.StartAsync(TwoNodes.ClientOptions(options =>
    {
        options.Limits = limits;
        options.LoggerFactory = log;
        options.Medium = new SilentMedium();
    }));

    private static MemberId Self(TransportNode node) => new(node.Id, new Incarnation(node.Incarnation));

    private static View ViewOf(int last, int first = 0)
    {
        Member[] members = [.. Enumerable.Range(first, last - first).Select(static index => new Member { Id = new MemberId(IdOf(index), new Incarnation(1)), Address = $"10.0.{index / 250}.{index % 250}:1", JoinIndex = index, State = MemberState.Up })];
        return new View(new ClusterId(1, 2), 1, last, waitsFirst: false, members, [members[0].Id]);
    }

    /// <summary>Where nobody answers.</summary>
    private sealed class SilentMedium : ILinkMedium
    {
        public ILinkListener Listen(EndPoint address, Action<ILink> accepted) => throw new NotSupportedException();

        public async Task<ILink> DialAsync(EndPoint address, CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new NotSupportedException();
        }
    }

    private static PeerId IdOf(int index)
    {
        byte[] bytes = new byte[32];
        BitConverter.TryWriteBytes(bytes, index + 1);
        return new PeerId(bytes);
    }
}
