using Orleans;

namespace Kameo.Actors.Tests.Placing;

/// <summary>Says where it runs, and counts.</summary>
public interface IPlaced : IGrainWithStringKey
{
    ValueTask<string> Node();

    ValueTask<long> Count();

    ValueTask<long> Fence();

    Task<long> CountAfter(int gate);
}

public interface ILocalOne : IPlaced;

public interface IRandomOne : IPlaced;

public interface ILightOne : IPlaced;

public interface IPinnedOne : IPlaced;

public abstract class PlacedActor(ActorNode node) : Actor
{
    private long _count;

    public ValueTask<string> Node() => new(node.Id.ToString());

    public ValueTask<long> Count() => new(++_count);

    public ValueTask<long> Fence() => new(Context.Fence);

    public async Task<long> CountAfter(int gate)
    {
        await Gates.Of(gate).Task;
        return ++_count;
    }
}

[ActorPlacement(ActorPlacement.PreferLocal)]
public sealed class LocalOneActor(ActorNode node) : PlacedActor(node), ILocalOne;

[Orleans.Placement.RandomPlacement]
public sealed class RandomOneActor(ActorNode node) : PlacedActor(node), IRandomOne;

[ActorPlacement(ActorPlacement.LeastLoaded)]
public sealed class LightOneActor(ActorNode node) : PlacedActor(node), ILightOne;

[ActorPlacement(ActorPlacement.Pinned, Label = "disk=fast")]
public sealed class PinnedOneActor(ActorNode node) : PlacedActor(node), IPinnedOne;
