using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>References to actors as arguments, results and members of messages: the same wherever the actors are.</summary>
public sealed class ReferenceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reference_is_an_argument_and_a_result(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        IFriend ann = caller.Get<IFriend>("ann");
        IFriend bob = caller.Get<IFriend>("bob");
        await ann.Befriend(bob);
        IFriend? friend = await ann.Friend();
        Assert.Equal(bob, friend);
        Assert.Equal("bob", await friend!.Name());
        Assert.Null(await bob.Friend());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task References_travel_in_messages_and_collections(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        IFriend[] all = [.. Enumerable.Range(0, 8).Select(number => caller.Get<IFriend>($"n{number}"))];
        Circle circle = await caller.Get<IFriend>("host").Introduce(new Circle("c", all[0], [.. all], new Dictionary<string, IFriend> { ["x"] = all[1] }));
        Assert.Equal(all[0], circle.First);
        Assert.Equal(all, circle.All);
        Assert.Equal(all[1], circle.ByName["x"]);
        Assert.Equal(["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"], await Task.WhenAll(circle.All.Select(static one => one.Name())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AsReference_stands_for_this_actor_even_where_several_classes_have_the_interface(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        IShape round = await caller.Get<IRound>("r").AsShape();
        IShape square = await caller.Get<ISquare>("r").AsShape();
        Assert.Equal("round r", await round.Describe());
        Assert.Equal("square r", await square.Describe());
        Assert.NotEqual(round, square);
        Assert.Equal("Kameo.Actors.Tests.Calls.RoundActor/r", ActorId.Of(round).ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task This_itself_is_refused_with_what_to_do(bool isLocal)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);
        ActorNode caller = isLocal ? cluster.Nodes[0] : cluster.Clients[0];
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => caller.Get<IFriend>("a").PassThis(inMessage: false));
        Assert.Contains("AsReference<IFriend>()", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<NotSupportedException>(() => caller.Get<IFriend>("a").PassThis(inMessage: true));
        Assert.Contains("AsReference<IFriend>()", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_keeps_the_interface_it_was_sent_as_and_is_equal_by_id_and_interface()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 2, clients: 1);
        IRound round = cluster.Clients[0].Get<IRound>("r");
        Assert.Equal(round, await round.Same(round));
        Assert.IsAssignableFrom<IRound>(await round.Same(round));
        Assert.Equal(round, cluster.Nodes[0].Get<IRound>("r"));
        Assert.Equal(round.GetHashCode(), cluster.Nodes[0].Get<IRound>("r").GetHashCode());
        Assert.NotEqual(round, cluster.Clients[0].Get<IRound>("s"));
        Assert.NotEqual<object>(round, cluster.Clients[0].Get<IFriend>("r"));
    }

    [Fact]
    public async Task A_reference_of_a_class_that_nobody_hosts_yet_travels_by_interface_and_key()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, clients: 1, static options => options.Hosts = static type => type == typeof(FriendActor));
        IRound nowhere = cluster.Clients[0].Get<IRound>("late");
        IFriend keeper = cluster.Clients[0].Get<IFriend>("k");
        await keeper.Keep(nowhere);
        Task<string> description = keeper.DescribeKept();
        await cluster.AddNodeAsync(static options => options.Hosts = static type => type == typeof(RoundActor));
        Assert.Equal("round late", await description);
    }
}

public interface IFriend : IGrainWithStringKey
{
    Task Befriend(IFriend friend);

    Task<IFriend?> Friend();

    Task<string> Name();

    ValueTask<Circle> Introduce(Circle circle);

    Task PassThis(bool inMessage);

    Task Keep(IShape shape);

    Task<string> DescribeKept();
}

/// <summary>References in a message.</summary>
public sealed record Circle(string Name, IFriend First, List<IFriend> All, Dictionary<string, IFriend> ByName);

public sealed class FriendActor : Actor, IFriend
{
    private IFriend? _friend;
    private IShape? _kept;

    public Task Befriend(IFriend friend)
    {
        _friend = friend;
        return Task.CompletedTask;
    }

    public Task<IFriend?> Friend() => Task.FromResult(_friend);

    public Task<string> Name() => Task.FromResult(Key.Text);

    public ValueTask<Circle> Introduce(Circle circle) => new(circle);

    public async Task PassThis(bool inMessage)
    {
        IFriend other = Actors.Get<IFriend>("other");
        if (inMessage)
        {
            await other.Introduce(new Circle("c", this, [], []));
        }
        else
        {
            await other.Befriend(this);
        }
    }

    public Task Keep(IShape shape)
    {
        _kept = shape;
        return Task.CompletedTask;
    }

    public Task<string> DescribeKept() => _kept!.Describe();
}

public interface IShape : IGrainWithStringKey
{
    Task<string> Describe();
}

public interface IRound : IShape
{
    Task<IShape> AsShape();

    Task<IShape> Same(IShape shape);
}

public interface ISquare : IShape
{
    Task<IShape> AsShape();
}

public sealed class RoundActor : Actor, IRound
{
    public Task<string> Describe() => Task.FromResult($"round {Key}");

    public Task<IShape> AsShape() => Task.FromResult(AsReference<IShape>());

    public Task<IShape> Same(IShape shape) => Task.FromResult(shape);
}

public sealed class SquareActor : Actor, ISquare
{
    public Task<string> Describe() => Task.FromResult($"square {Key}");

    public Task<IShape> AsShape() => Task.FromResult(AsReference<IShape>());
}
