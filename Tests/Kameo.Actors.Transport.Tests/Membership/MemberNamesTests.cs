using Kameo.Actors.Transport.Tests.Nodes;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>Names of a cluster whose views are agreed: a name lives as long as its member's incarnation.</summary>
public sealed class MemberNamesTests
{
    [Fact]
    public async Task A_name_is_found_by_members_and_clients_and_goes_with_its_member()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(3);
        TransportOptions options = TwoNodes.ClientOptions();
        options.Membership = new MembershipOptions();
        options.Seeds.Add(cluster[0].LocalEndPoint!.ToString());
        await using TransportNode client = await TransportNode.StartAsync(options);
        NameRegistration echo = cluster[1].Register("echo", static request =>
        {
            request.Reply(request.Payload.Span);
            return default;
        });
        await echo.VisibleAsync(TwoNodes.Deadline);
        using var timeout = new CancellationTokenSource(TwoNodes.Deadline);
        foreach (TransportNode node in cluster.Nodes.Append(client))
        {
            RemoteName found = await node.LookupAsync("echo", timeout.Token);
            await Eventually.TrueAsync(() => node == cluster[1] || node.FindPeer(cluster[1].Id) is { IsConnected: true }, "a connection to its owner");
            using NameReply reply = await found.AskAsync("hello"u8.ToArray());
            Assert.Equal("hello"u8.ToArray(), reply.Payload.ToArray());
        }

        TransportNode owner = cluster[1];
        cluster.Forget(owner);
        await owner.DisposeAsync();
        await Eventually.TrueAsync(() => cluster.Nodes.Append(client).All(static node => node.Lookup("echo") is null), "its names gone");
    }

    [Fact]
    public async Task Who_was_evicted_alive_has_its_names_again_as_another_incarnation()
    {
        await using SmallCluster cluster = await SmallCluster.StartAsync(2);
        using NameRegistration name = cluster[1].Register("kept", static _ => default);
        await Eventually.TrueAsync(() => cluster[0].Lookup("kept") is not null, "the name");
        await cluster[0].Membership!.EvictAsync(cluster[1].Id);
        await Eventually.TrueAsync(() => cluster[0].Lookup("kept") is null, "the name gone with the incarnation");
        await Eventually.TrueAsync(() => cluster[0].Lookup("kept") is not null, "the name again");
    }
}
