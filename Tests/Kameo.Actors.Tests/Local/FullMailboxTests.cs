using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Testing;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Local;

/// <summary>Senders that wait for a place.</summary>
public sealed class FullMailboxTests
{
    [Fact]
    public async Task They_wait_also_while_the_activation_ends_until_its_mailbox_is_closed()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1, configure: static options =>
        {
            options.MailboxCapacity = 4;
            options.DrainTimeout = TimeSpan.FromMilliseconds(100); // Of what is done to it below the activation never ends.
        });
        IStreamed actor = cluster.Nodes[0].Get<IStreamed>(1_000_000);
        await actor.Look();
        Activation activation = cluster.Nodes[0].Activations.TryFind(ActorId.Of(actor))!;

        StateOf(activation) = ActivationState.Ended; // Its end has begun, and calls still come.
        Task place = activation.WaitForPlaceAsync(1_000, new WaitingCall(), long.MaxValue);
        Assert.False(place.IsCompleted);

        activation.CloseMailbox();
        await activation.WaitForPlaceAsync(1_001, new WaitingCall(), long.MaxValue).WaitAsync(TimeSpan.FromSeconds(20));
        await place.WaitAsync(TimeSpan.FromSeconds(20)); // Who was before is not left behind.
    }

    /// <summary>A call that is never sent.</summary>
    private sealed class WaitingCall : VoidActorCall
    {
        public WaitingCall() => HeldBy(2);

        public override ActorMethod Method => throw new NotSupportedException();

        public override void EncodeArguments(ref MessagePackWriter writer) => throw new NotSupportedException();

        public override void DecodeArguments(ref MessagePackReader reader) => throw new NotSupportedException();

        public override void CopyArguments() => throw new NotSupportedException();

        public override void ClearArguments() => throw new NotSupportedException();

        public override void ReturnToPool() => throw new NotSupportedException();

        public override ValueTask Invoke(object actor) => throw new NotSupportedException();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_state")]
    private static extern ref ActivationState StateOf(Activation activation);
}
