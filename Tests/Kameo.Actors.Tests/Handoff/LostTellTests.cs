using Kameo.Actors.Tests.Calls;
using Kameo.Actors.Tests.Diagnostics;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>A tell whose sender knows it as sent waited in a mailbox, its actor moved, and it cannot follow: it is counted.</summary>
[Collection(AloneCollection.Name)]
public sealed class LostTellTests
{
    private const int PayloadBytesMax = 1 << 20;

    [Fact]
    public async Task The_sender_of_one_that_another_node_has_lost_hears_of_it()
    {
        const string There = "kameo.transport.tells_lost_there";
        using var measured = new Measured("kameo.tells.lost", There);
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        ActorNode client = await cluster.AddClientAsync();
        await client.Get<IUnborn>(Guid.NewGuid()).Tell().Run();
        await Eventually.TrueAsync(() => measured.Seen(There, string.Empty).Count != 0, "the loss to be said");
        Assert.Equal((There, 1.0, "reason=ActivationFailed"), Assert.Single(measured.Seen(There, string.Empty)));
        Assert.Equal(1, measured.Seen("kameo.tells.lost", "ActivationFailed").Sum(static one => one.Value));
    }

    [Fact]
    public async Task One_that_cannot_be_sent_on_is_counted_and_those_behind_it_arrive()
    {
        using var measured = new Measured("kameo.tells.lost");
        await using RealCluster cluster = await RealCluster.StartAsync(1, static options => options.Limits = new TransportLimits { PayloadBytesMax = PayloadBytesMax });
        ActorNode old = cluster.Members[0];
        string world = Guid.NewGuid().ToString("n");
        string[] keys = [.. Enumerable.Range(0, 12).Select(number => $"{world}lost{number}")];
        foreach (string key in keys)
        {
            IHeld actor = old.Get<IHeld>(key);
            _ = actor.Wait(key).AsTask();
            await ProbeGates.Of(key).Entered.Task.WaitAsync(RealCluster.Deadline);
            Assert.True(actor.Tell().Keep(new byte[2 * PayloadBytesMax]).IsCompletedSuccessfully); // On this node nothing is too large.
            Assert.True(actor.Tell().Note("behind").IsCompletedSuccessfully);
        }

        ActorNode joiner = await cluster.JoinAsync();
        await Eventually.TrueAsync(() => joiner.Slots!.Awaited == 0 && old.Slots!.Epoch == joiner.Slots.Epoch, "the new node to have its slots");
        foreach (string key in keys)
        {
            ProbeGates.Of(key).Open.SetResult();
        }

        await Eventually.TrueAsync(() => keys.All(static key => HeldNotes.Of(key).Any(static note => note.StartsWith("behind", StringComparison.Ordinal))), "the tells behind");
        string[] moved = [.. keys.Where(key => HeldNotes.Of(key).Contains($"behind {joiner.Id}"))];
        Assert.InRange(moved.Length, 1, keys.Length - 1);
        Assert.All(keys, key => Assert.NotEqual(moved.Contains(key), HeldNotes.Of(key).Any(static note => note.StartsWith("kept", StringComparison.Ordinal))));
        await Eventually.TrueAsync(() => measured.Seen("kameo.tells.lost", "BadArguments").Sum(static one => one.Value) >= moved.Length, "those that were lost to be counted");
        Assert.Equal(moved.Length, measured.Seen("kameo.tells.lost", string.Empty).Sum(static one => one.Value));
    }
}

/// <summary>One that never begins.</summary>
public interface IUnborn : IGrainWithGuidKey
{
    ValueTask Run();
}

public sealed class UnbornActor : Actor, IUnborn
{
    public override ValueTask OnActivateAsync(CancellationToken cancellation) => throw new InvalidOperationException("not today");

    public ValueTask Run() => default;
}
