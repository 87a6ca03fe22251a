using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Slots;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>An activation whose slot was lost is out of the table, and has yet to say that it ended: what comes for its actor at that moment, and what its end means then.</summary>
public sealed class SuccessorTests
{
    private static readonly TimeSpan s_deadline = RealCluster.Deadline;

    [Fact]
    public async Task One_that_begins_beside_the_end_of_another_that_was_to_go_is_to_go_too()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        Scene scene = await Scene.PlayAsync(cluster);
        long passed = scene.Joiner.Slots!.PassedByRecord;

        scene.Old.Activations.Remove(scene.Ending);
        await scene.Joiner.Get<IHeld>(scene.Key).Node().AsTask().WaitAsync(s_deadline);
        Assert.Equal(passed + 1, scene.Joiner.Slots.PassedByRecord); // It went to the old node: there the actor is, as far as the new one knows.
        await Eventually.TrueAsync(() => scene.Old.Activations.TryFind(scene.Id) is null, "the one that began for it to end");

        Assert.Equal(scene.Joiner.Id.ToString(), await scene.Old.Get<IHeld>(scene.Key).Node().AsTask().WaitAsync(s_deadline));
        scene.Open();
        await cluster.SettleAsync();
    }

    [Fact]
    public async Task An_end_that_left_nothing_is_told_where_the_slot_was_lost_meanwhile()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        Scene scene = await Scene.PlayAsync(cluster);

        scene.Old.Activations.Remove(scene.Ending);
        Assert.True(scene.IsToEnd);
        scene.Old.Slots!.AfterRemoved(scene.Ending);

        Assert.False(scene.IsToEnd);
        Assert.Equal(scene.Joiner.Id.ToString(), await scene.Joiner.Get<IHeld>(scene.Key).Node().AsTask().WaitAsync(s_deadline));
        scene.Open();
        await cluster.SettleAsync();
    }

    [Fact]
    public async Task It_is_not_told_where_the_actor_lives_again()
    {
        await using RealCluster cluster = await RealCluster.StartAsync(1);
        Scene scene = await Scene.PlayAsync(cluster);

        scene.Old.Slots!.AfterRemoved(new Activation(scene.Ending.Terms, scene.Id.Key)); // Whose successor is in its turn.

        Assert.True(scene.IsToEnd);
        Task<string> waits = scene.Joiner.Get<IHeld>(scene.Key).Node().AsTask();
        scene.Open();
        Assert.Equal(scene.Joiner.Id.ToString(), await waits.WaitAsync(s_deadline));
        await cluster.SettleAsync();
        string[] notes = [.. HeldNotes.Of(scene.Key)];
        Assert.Equal([$"activated {scene.Old.Id}", $"waited {scene.Old.Id}", $"deactivated {scene.Old.Id} Moved", $"activated {scene.Joiner.Id}"], notes);
    }

    /// <summary>An actor in a turn, whose slot another node has now; it was asked to end.</summary>
    private sealed class Scene
    {
        private readonly List<string> _busy = [];

        public required ActorNode Old { get; init; }

        public required ActorNode Joiner { get; init; }

        public required string Key { get; init; }

        public required Activation Ending { get; init; }

        public ActorId Id => Ending.Id;

        /// <summary>Whether the old node has it on record as one that is to end.</summary>
        public bool IsToEnd
        {
            get
            {
                lock (LockOf(Old.Slots!))
                {
                    return CoreOf(Old.Slots!)!.IsDraining(Id, Ending.Slot);
                }
            }
        }

        public static async Task<Scene> PlayAsync(RealCluster cluster)
        {
            ActorNode old = cluster.Members[0];
            string world = Guid.NewGuid().ToString("n");
            string[] keys = [.. Enumerable.Range(0, 12).Select(number => $"{world}successor{number}")];
            foreach (string key in keys)
            {
                _ = old.Get<IHeld>(key).Wait(key).AsTask();
                await ProbeGates.Of(key).Entered.Task.WaitAsync(s_deadline);
            }

            ActorNode joiner = await cluster.JoinAsync();
            Activation? found = null;
            await Eventually.TrueAsync(() => (found = old.Activations.Actors.FirstOrDefault(one => keys.Contains(one.Id.Key.Text) && one.PendingEnd == DeactivationReason.Moved)) is not null, "an actor that has to go");
            await Eventually.TrueAsync(() => joiner.Slots!.Awaited == 0, "the new node to have its slots");
            var scene = new Scene { Old = old, Joiner = joiner, Key = found!.Id.Key.Text, Ending = found };
            scene._busy.AddRange(keys);
            Assert.True(scene.IsToEnd);
            return scene;
        }

        /// <summary>All turns end.</summary>
        public void Open() => _busy.ForEach(static key => ProbeGates.Of(key).Open.TrySetResult());

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
        private static extern ref Lock LockOf(SlotGate gate);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_core")]
        private static extern ref HandoffCore? CoreOf(SlotGate gate);
    }
}
