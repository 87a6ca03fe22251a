using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Two connections of one dialler whose hellos cross: the node has met the later dial first, its peer may have met them in the other order and use the earlier one.</summary>
public sealed class DuplicateTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task A_connection_that_is_refused_answers_until_its_other_end_has_stopped_using_it(TransportLoop loop)
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options(options => options.Loop = loop));
        using NameRegistration echo = node.Register("echo", TwoNodes.Echo);
        using RawPeer kept = await RawPeer.ConnectAsync(node, dialNumber: 2);
        Connection used = node.FindPeer(kept.Id)!.Connection!;
        using RawPeer refused = await RawPeer.ConnectAsync(node, dialNumber: 1, beside: kept);

        await refused.ReadAsync(FrameKind.Pause); // The node sends nothing on it.
        await AskAsync(refused, 1);
        await AskAsync(refused, 2);
        Assert.Same(used, node.FindPeer(kept.Id)!.Connection);
        Assert.Equal(2, node.ConnectionCount);

        refused.Put(new FrameHeader(FrameKind.Pause, 0)); // Nor does its peer.
        await refused.FlushAsync();
        Assert.Equal(CloseReason.Duplicate, await refused.ReadGoodbyeAsync());
        await Eventually.TrueAsync(() => node.ConnectionCount == 1, "it to be left");
        await AskAsync(kept, 3);
        Assert.Same(used, node.FindPeer(kept.Id)!.Connection);
    }

    [Fact]
    public async Task Of_those_that_are_being_left_one_too_many_is_closed_at_once()
    {
        const int RetiringMax = 4;
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options());
        using NameRegistration echo = node.Register("echo", TwoNodes.Echo);
        using RawPeer kept = await RawPeer.ConnectAsync(node, dialNumber: 9);
        var refused = new List<RawPeer>();
        try
        {
            for (ulong dial = 1; dial <= RetiringMax; dial++)
            {
                refused.Add(await RawPeer.ConnectAsync(node, dialNumber: dial, beside: kept));
                await AskAsync(refused[^1], dial);
            }

            refused.Add(await RawPeer.ConnectAsync(node, dialNumber: RetiringMax + 1, beside: kept));
            Assert.Equal(CloseReason.Duplicate, await refused[^1].ReadGoodbyeAsync());
            await AskAsync(refused[0], 10);
            await AskAsync(kept, 11);
        }
        finally
        {
            refused.ForEach(static peer => peer.Dispose());
        }
    }

    [Fact]
    public async Task One_that_may_take_over_is_not_cut_off_when_a_third_arrives()
    {
        await using TransportNode node = await TransportNode.StartAsync(TwoNodes.Options());
        using NameRegistration echo = node.Register("echo", TwoNodes.Echo);
        RawPeer dialled = await RawPeer.AcceptAsync(node);
        while (dialled.Id.CompareTo(node.Id) < 0)
        {
            dialled.Dispose();
            dialled = await RawPeer.AcceptAsync(node); // Of the lower id the newer one would stay.
        }

        using RawPeer older = dialled;
        Connection used = node.FindPeer(older.Id)!.Connection!;
        using RawPeer second = await RawPeer.ConnectAsync(node, dialNumber: 1, beside: older);
        await AskAsync(second, 1);
        using RawPeer third = await RawPeer.ConnectAsync(node, dialNumber: 2, beside: older);
        await AskAsync(third, 2);
        Assert.Same(used, node.FindPeer(older.Id)!.Connection);

        await second.ReadAsync(FrameKind.Pause); // The node sends nothing on it.
        await AskAsync(second, 3);
        second.Put(new FrameHeader(FrameKind.Pause, 0)); // Nor does its peer.
        await second.FlushAsync();
        Assert.Equal(CloseReason.Duplicate, await second.ReadGoodbyeAsync());
    }

    private static async Task AskAsync(RawPeer peer, ulong correlation)
    {
        peer.PutAsk("echo", correlation, payloadBytes: 8);
        await peer.FlushAsync();
        (_, byte[] payload) = await peer.ReadAsync(FrameKind.Reply, correlation);
        Assert.Equal(8, payload.Length);
    }
}
