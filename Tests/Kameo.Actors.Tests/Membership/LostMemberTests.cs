using Kameo.Actors.Tests.Life;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Tests.Membership;

/// <summary>What becomes of calls to actors of a member that dies.</summary>
public sealed class LostMemberTests
{
    private const int ActorCount = 16;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Calls_made_between_the_loss_of_a_connection_and_the_eviction_of_its_member_run_where_their_actors_are_then()
    {
        using var wayToFirst = new Relay();
        using var wayToSecond = new Relay();
        await using ActorNode first = await ActorNode.StartAsync(QuickTiming.Options(options =>
        {
            options.AdvertisedAddress = wayToFirst.Address;
            options.WaitForHost = s_deadline;
            options.AskTimeout = options.TellTimeout = s_deadline * 3;
        }));
        wayToFirst.Target = first.Transport.LocalEndPoint;
        await using ActorNode second = await ActorNode.StartAsync(QuickTiming.Options(options =>
        {
            options.AdvertisedAddress = wayToSecond.Address;
            options.Seeds.Add(wayToFirst.Address);
        }));
        wayToSecond.Target = second.Transport.LocalEndPoint;
        await first.Transport.Membership!.WaitForAsync(static status => status.Members.Count == 2 && status.Members.All(static member => member.State == "up")).WaitAsync(s_deadline);
        List<IProbe> probes = await FindOnAsync(first, second);

        wayToFirst.Cut();
        wayToSecond.Cut();
        Peer lost = first.Transport.Peers.Single(peer => peer.Id == second.Id);
        await Eventually.TrueAsync(() => lost.Connection is not { State: ConnectionState.Open }, "the loss of the connection");
        Task[] tells = [.. probes.Select(static probe => probe.Tell().Count().AsTask())];
        Task<string>[] asks = [.. probes.Select(static probe => probe.Node().AsTask())];

        string[] nodes = await Task.WhenAll(asks).WaitAsync(s_deadline);
        Assert.All(nodes, node => Assert.Equal(first.Id.ToString(), node));
        await Task.WhenAll(tells).WaitAsync(s_deadline);
        foreach (IProbe probe in probes)
        {
            Assert.Equal(2, await probe.Count()); // The tell ran, once.
        }
    }

    private static async Task<List<IProbe>> FindOnAsync(ActorNode from, ActorNode on)
    {
        var found = new List<IProbe>();
        for (int index = 0; found.Count < ActorCount; index++)
        {
            IProbe probe = from.Get<IProbe>($"lost-{index}");
            if (await probe.Node().AsTask().WaitAsync(s_deadline) == on.Id.ToString())
            {
                found.Add(probe);
            }
        }

        return found;
    }
}
