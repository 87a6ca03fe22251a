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
        await using ActorNode first = await StartAsync(wayToFirst);
        await using ActorNode second = await StartAsync(wayToSecond, wayToFirst.Address);
        MembershipStatus status = await first.Transport.Membership!
            .WaitForAsync(static status => status.Members.Count == 2 && status.Members.All(static member => member.State == "up"))
            .WaitAsync(s_deadline);
        (ActorNode left, ActorNode lost) = status.Members.Single(static member => member.IsSteward).IsSelf ? (first, second) : (second, first);
        List<IProbe> probes = await FindOnAsync(left, lost);

        using var evicting = new ManualResetEventSlim();
        left.Transport.Control!.Loop.Post(() => evicting.Wait(s_deadline)); // Nobody is evicted before the calls are made.
        Relay.Cut(wayToFirst, wayToSecond);
        Peer peer = left.Transport.Peers.Single(peer => peer.Id == lost.Id);
        await Eventually.TrueAsync(() => peer.Connection is not { State: ConnectionState.Open }, "the loss of the connection");
        Task[] tells = [.. probes.Select(static probe => probe.Tell().Count().AsTask())];
        Task<string>[] asks = [.. probes.Select(static probe => probe.Node().AsTask())];
        evicting.Set();

        string[] nodes = await Task.WhenAll(asks).WaitAsync(s_deadline);
        Assert.All(nodes, node => Assert.Equal(left.Id.ToString(), node));
        await Task.WhenAll(tells).WaitAsync(s_deadline);
        foreach (IProbe probe in probes)
        {
            Assert.Equal(2, await probe.Count()); // The tell ran there, once.
        }
    }

    private static async Task<ActorNode> StartAsync(Relay way, params string[] seeds)
    {
        ActorNode node = await ActorNode.StartAsync(QuickTiming.Options(options =>
        {
            options.AdvertisedAddress = way.Address;
            options.WaitForHost = s_deadline;
            options.AskTimeout = options.TellTimeout = s_deadline * 3;
            options.DrainTimeout = TimeSpan.FromSeconds(1); // Who is cut off can tell nobody that it leaves.
            foreach (string seed in seeds)
            {
                options.Seeds.Add(seed);
            }
        }));
        way.Target = node.Transport.LocalEndPoint;
        return node;
    }

    /// <summary>Actors that the agreed view places on a node, each of which has been called once.</summary>
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
