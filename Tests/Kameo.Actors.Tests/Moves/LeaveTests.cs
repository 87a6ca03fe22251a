using Kameo.Actors.Placement;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Leaving in good order does not wait for what needs no waiting.</summary>
public sealed class LeaveTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_leaves_at_once_that_has_or_had_on_record_where_actors_are(bool isOwner)
    {
        // It gives up long after the deadline of whoever waits for it here.
        await using MovingPair pair = await MovingPair.StartAsync(Way.Order, static options => options.Membership!.LeaveTimeout = options.DrainTimeout = TimeSpan.FromMinutes(2));
        string key = string.Empty;
        for (int count = 0; count < 6; count++)
        {
            do
            {
                key = await pair.NewAtAsync(pair.Goes);
            }
            while ((OwnerOf(pair, key) == pair.Goes.Id) != isOwner);

            await pair.MoveAsync(key);
            Assert.Equal(pair.Stays.Id.ToString(), await pair.Get(pair.Client, key).Node());
        }

        await pair.Cluster.LeaveAsync(pair.Goes);
        Assert.Equal(pair.Stays.Id.ToString(), await pair.Get(pair.Client, key).Node());
        await pair.Cluster.SettleAsync();
    }

    private static Transport.PeerId OwnerOf(MovingPair pair, string key) =>
        pair.Stays.Slots!.GroupOf(typeof(PlacedMoverActor).FullName!)!.OwnerOf(SlotHash.SlotOf(new ActorId(typeof(PlacedMoverActor).FullName!, ActorKey.Of(key)))).Peer;
}
