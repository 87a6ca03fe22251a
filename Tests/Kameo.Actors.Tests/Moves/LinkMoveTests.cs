using Kameo.Actors.Activations;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Moves;

/// <summary>A move is the death of an actor to those it is linked with; so is the end of its node. No end of a link is left over.</summary>
public sealed class LinkMoveTests
{
    private const int Pairs = 12;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_actor_that_moves_has_died_to_those_it_is_linked_with_also_if_it_was_collected_before(bool isCollected)
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode old = cluster.Members[0];
        (string A, string B)[] pairs = [.. Enumerable.Range(0, Pairs).Select(static _ => (Journal.NewKey(), Journal.NewKey()))];
        foreach ((string a, string b) in pairs)
        {
            await old.Get<IHashedMover>(b).Note("is there");
            await old.Get<IHashedMover>(a).Link(b);
            Assert.Equal([$"activated {old.Id}", $"is there {old.Id}"], Journal.Of(b).Rest());
            Assert.Equal([$"activated {old.Id}"], Journal.Of(a).Rest());
        }

        if (isCollected)
        {
            foreach (Activation activation in old.Activations.All)
            {
                activation.AskToEnd(DeactivationReason.Idle);
            }

            await Eventually.TrueAsync(() => old.ActivationCount == 0, "all to be collected");
            Assert.All(pairs, static pair => Assert.EndsWith("Idle", Assert.Single(Journal.Of(pair.B).Rest()), StringComparison.Ordinal));
            Assert.All(pairs, static pair => Assert.EndsWith("Idle", Assert.Single(Journal.Of(pair.A).Rest()), StringComparison.Ordinal));
        }

        ActorNode joiner = await cluster.JoinAsync();
        await cluster.SettleAsync();
        int kept = 0;
        foreach ((string a, string b) in pairs)
        {
            bool hasMovedA = await old.Get<IHashedMover>(a).Node() == joiner.Id.ToString();
            bool hasMovedB = await old.Get<IHashedMover>(b).Node() == joiner.Id.ToString();
            if (hasMovedA != hasMovedB)
            {
                (string stays, string moves) = hasMovedA ? (b, a) : (a, b);
                await Eventually.TrueAsync(() => Journal.Of(stays).Rest().Contains($"died {moves} Moved"), "the notice");
            }

            kept += !hasMovedA && !hasMovedB ? 1 : 0;
        }

        Assert.Equal(2 * kept, cluster.Members.Sum(static node => node.Links.Count));
    }

    [Fact]
    public async Task The_actors_of_a_node_that_leaves_have_died_with_it()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Leave);
        (string a, string b) = (await pair.NewAtAsync(pair.Stays), await pair.NewAtAsync(pair.Goes));
        await pair.Get(pair.Client, a).Link(b);
        await pair.MoveAsync(b);

        Assert.Equal($"died {b} ShuttingDown", await Journal.Of(a).NextAsync());
        Assert.Equal(0, pair.Stays.Links.Count);
        await pair.Get(pair.Client, a).Link(b); // Again, with the one that is here now.
        Assert.Equal(2, pair.Stays.Links.Count);
    }

    [Fact]
    public async Task The_actors_of_a_node_that_is_evicted_have_died_with_it_also_to_each_other()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Leave);
        string a = await pair.NewAtAsync(pair.Stays);
        (string b, string c) = (await pair.NewAtAsync(pair.Goes), await pair.NewAtAsync(pair.Goes));
        await pair.Get(pair.Client, a).Link(b);
        await pair.Get(pair.Client, b).Link(c);
        (string d, string e) = (await pair.NewAtAsync(pair.Goes), await pair.NewAtAsync(pair.Goes));
        await pair.Get(pair.Client, d).Link(e);
        Assert.Equal(5, pair.Goes.Links.Count);
        foreach (Activation activation in pair.Goes.Activations.All.Where(one => one.Id.Key.Text == d || one.Id.Key.Text == e))
        {
            activation.AskToEnd(DeactivationReason.Idle);
        }

        Assert.Equal($"deactivated {pair.Goes.Id} Idle", await Journal.Of(d).NextAsync());
        Assert.Equal($"deactivated {pair.Goes.Id} Idle", await Journal.Of(e).NextAsync());
        await Eventually.TrueAsync(() => pair.Goes.ActivationCount == 2, "two to be gone");
        Assert.Equal(5, pair.Goes.Links.Count); // Links outlive that.
        await pair.Stays.Transport.Membership!.EvictAsync(pair.Goes.Id);

        Assert.Equal($"died {b} NodeLost", await Journal.Of(a).NextAsync());
        await pair.Goes.Transport.Membership!.WaitForAsync(static status => status.LivesEnded >= 1 && status.Members.Count == 2).WaitAsync(RealCluster.Deadline);
        await Eventually.TrueAsync(() => pair.Stays.Links.Count + pair.Goes.Links.Count == 0, "no end of a link to be left");

        // Its life is over: it is told nothing any more. But it may have lost the other node, once, before it heard of that.
        string[] told = [.. Journal.Of(b).Rest()];
        Assert.InRange(told.Length, 0, 1);
        Assert.All(told, note => Assert.Equal($"died {a} NodeLost", note));
    }

    [Fact]
    public async Task Two_that_are_linked_and_move_at_once_begin_without_a_link()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Leave);
        (string a, string b) = (await pair.NewAtAsync(pair.Goes), await pair.NewAtAsync(pair.Goes));
        await pair.Get(pair.Client, a).Link(b);
        await pair.MoveAsync(a);

        foreach (string key in (string[])[a, b])
        {
            Assert.Equal(pair.Stays.Id.ToString(), await pair.Get(pair.Client, key).Node());
        }

        Assert.Equal(0, pair.Stays.Links.Count);
    }

    [Fact]
    public async Task An_actor_that_is_placed_by_choice_is_not_linked_and_says_so()
    {
        await using MovingPair pair = await MovingPair.StartAsync(Way.Order);
        (string a, string b) = (await pair.NewAtAsync(pair.Stays), await pair.NewAtAsync(pair.Goes));
        foreach ((string from, string to) in ((string, string)[])[(a, b), (b, a)])
        {
            NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => pair.Get(pair.Client, from).Link(to).AsTask().WaitAsync(RealCluster.Deadline));
            Assert.Contains(nameof(PlacedMoverActor), refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, pair.Stays.Links.Count + pair.Goes.Links.Count);
    }
}
