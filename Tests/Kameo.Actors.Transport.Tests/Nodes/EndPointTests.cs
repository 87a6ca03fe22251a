namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Where the other end of a connection is.</summary>
public sealed class EndPointTests
{
    [Theory]
    [MemberData(nameof(Loops.All), MemberType = typeof(Loops))]
    public async Task Each_end_says_where_the_other_is(TransportLoop loop)
    {
        await using TwoNodes nodes = await TwoNodes.StartAsync(loop);
        Assert.Equal(nodes.Server.LocalEndPoint, nodes.Client.FindPeer(nodes.Server.Id)!.RemoteEndPoint);
        Assert.NotNull(nodes.Server.FindPeer(nodes.Client.Id)!.RemoteEndPoint);
    }
}
