using Kameo.Actors.Placement;
using Kameo.Actors.Tests.Handoff;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Moves;

/// <summary>How an actor is moved.</summary>
public enum Way
{
    /// <summary>Its node leaves in good order.</summary>
    Leave,

    /// <summary><see cref="ActorNode.Move"/>.</summary>
    Order,
}

/// <summary>Two members and a client. Actors begin at the one that goes, and are at the one that stays afterwards.</summary>
internal sealed class MovingPair : IAsyncDisposable
{
    private readonly Way _way;

    private MovingPair(RealCluster cluster, ActorNode client, Way way)
    {
        Cluster = cluster;
        Client = client;
        _way = way;
        Stays = cluster.Members[0];
        Goes = cluster.Members[1];
    }

    public RealCluster Cluster { get; }

    public ActorNode Client { get; }

    public ActorNode Stays { get; }

    public ActorNode Goes { get; }

    /// <summary>What an actor is told when it is moved so.</summary>
    public DeactivationReason Reason => _way == Way.Order ? DeactivationReason.Moved : DeactivationReason.ShuttingDown;

    public static async Task<MovingPair> StartAsync(Way way, Action<ActorNodeOptions>? configure = null)
    {
        RealCluster cluster = await RealCluster.StartAsync(2, configure);
        ActorNode client = await cluster.AddClientAsync();
        await cluster.SettleAsync();
        return new MovingPair(cluster, client, way);
    }

    /// <summary>A key of an actor at a node, which is active there; the class is the one that can be moved so.</summary>
    public async Task<string> NewAtAsync(ActorNode node)
    {
        string key;
        do
        {
            key = Journal.NewKey();
        }
        while (_way == Way.Leave && OwnerOf(key) != node.Id);

        Assert.Equal(node.Id.ToString(), await Get(node, key).Node().AsTask().WaitAsync(RealCluster.Deadline));
        Assert.Equal($"activated {node.Id}", await Journal.Of(key).NextAsync());
        return key;
    }

    public IMover Get(ActorNode from, string key) => _way == Way.Leave ? from.Get<IHashedMover>(key) : from.Get<IPlacedMover>(key);

    /// <summary>Begins to move an actor from the node that goes to the one that stays; returns when it is known that it has to.</summary>
    /// <returns>Completes when that is over, which for an actor in a turn is not before this has ended.</returns>
    public async Task<Task> BeginMoveAsync(string key)
    {
        Task over = MoveAsync(key);
        await Eventually.TrueAsync(() => over.IsCompleted || (Goes.Activations.TryFind(IdOf(key)) is { } activation && activation.PendingEnd == Reason), "an actor that is to end");
        Assert.False(over.IsCompleted, "It was to be busy.");
        return over;
    }

    /// <summary>Moves an actor from the node that goes to the one that stays.</summary>
    public async Task MoveAsync(string key)
    {
        if (_way == Way.Leave)
        {
            await Cluster.LeaveAsync(Goes);
        }
        else
        {
            Stays.Move(Get(Stays, key), Stays.Id);
            await Eventually.TrueAsync(() => Goes.Activations.TryFind(IdOf(key)) is null, "the actor to be gone");
        }
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private ActorId IdOf(string key) => new((_way == Way.Leave ? typeof(HashedMoverActor) : typeof(PlacedMoverActor)).FullName!, ActorKey.Of(key));

    private Transport.PeerId OwnerOf(string key) => Stays.Slots!.GroupOf(IdOf(key).ClassName)!.OwnerOf(SlotHash.SlotOf(IdOf(key))).Peer;
}
