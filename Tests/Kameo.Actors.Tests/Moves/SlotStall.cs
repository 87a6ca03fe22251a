using System.Runtime.CompilerServices;
using Kameo.Actors.Slots.Gate;

namespace Kameo.Actors.Tests.Moves;

/// <summary>Holds up a node's thread of slots, so that it neither gives nor takes a slot, until this is disposed. Its calls go on, by the view that its slots have.</summary>
internal sealed class SlotStall : IDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _go = new();

    private SlotStall()
    {
    }

    public static async Task<SlotStall> OfAsync(ActorNode node)
    {
        var stall = new SlotStall();
        var isHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopOf(node.Slots!).Post(() =>
        {
            isHeld.SetResult();
            stall._go.Wait(s_deadline);
        });
        await isHeld.Task.WaitAsync(s_deadline);
        return stall;
    }

    public void Dispose() => _go.Set();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_loop")]
    private static extern ref SlotLoop LoopOf(SlotGate gate);
}
