using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Local;

/// <summary>What senders write for each call stands a cache line away from what the executor touches for each turn.</summary>
public sealed class ActivationLayoutTests
{
    private const int LineBytes = 64;

    [Fact]
    public async Task Senders_and_the_executor_share_no_cache_line()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ILocal local = cluster.Nodes[0].Get<ILocal>("layout");
        await local.Made();
        Activation activation = Assert.Single(cluster.Nodes[0].Activations.All);
        Assert.InRange(Distance(ref WaitingOf(activation), ref EnqueuedOf(ref IntakeOf(activation))), LineBytes + Unsafe.SizeOf<TurnQueue>(), long.MaxValue);
        Assert.InRange(Distance(ref ResumptionsOf(activation), ref EnqueuedOf(ref IntakeOf(activation))), LineBytes, long.MaxValue);
        Assert.InRange(Distance(ref RunningOf(activation), ref EnqueuedOf(ref IntakeOf(activation))), LineBytes, long.MaxValue);
    }

    private static long Distance<T>(ref T from, ref long to) => Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref from), ref Unsafe.As<long, byte>(ref to));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_waiting")]
    private static extern ref TurnQueue WaitingOf(Activation activation);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_resumptions")]
    private static extern ref Transport.Queues.Inbox ResumptionsOf(Activation activation);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_runningTurns")]
    private static extern ref int RunningOf(Activation activation);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_intake")]
    private static extern ref Intake IntakeOf(Activation activation);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_enqueued")]
    private static extern ref long EnqueuedOf(ref Intake intake);
}
