using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Testing;
using Orleans;

namespace Kameo.Actors.Tests.Life;

/// <summary>A reference that is kept, and was used, keeps nothing of an actor that has left memory.</summary>
public sealed class KeptReferenceTests
{
    [Fact]
    public async Task An_actor_with_nothing_to_do_at_its_end_is_not_kept() => await IsNotKeptAsync<IPlain>(static actor => actor.Touch());

    [Fact]
    public async Task An_actor_that_is_deactivated_is_not_kept() => await IsNotKeptAsync<IOfDefaultAge>(static actor => actor.Touch());

    private static async Task IsNotKeptAsync<T>(Func<T, ValueTask> touch)
        where T : class, IGrainWithStringKey
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        ActorNode node = cluster.Nodes[0];
        T reference = node.Get<T>(Journal.NewKey());
        await touch(reference);
        WeakReference instance = End(node, reference);
        await Eventually.TrueAsync(() => node.ActivationCount == 0, "it to end");
        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                return !instance.IsAlive;
            },
            "it to be collected");
        await touch(reference);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference End<T>(ActorNode node, T reference)
        where T : class, IGrainWithStringKey
    {
        Activation activation = node.Activations.TryFind(ActorId.Of((Orleans.Runtime.IAddressable)(object)reference))!;
        var instance = new WeakReference(activation.Instance);
        activation.EndIdleOrAsk(DeactivationReason.Idle);
        return instance;
    }

    public interface IPlain : IGrainWithStringKey
    {
        ValueTask Touch();
    }

    public sealed class PlainActor : Actor, IPlain
    {
        public ValueTask Touch() => default;
    }
}
