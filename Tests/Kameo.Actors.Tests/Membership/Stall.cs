using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Membership;

/// <summary>Holds up a node's control thread until its lease has run out, and for as long as this is not disposed.</summary>
internal sealed class Stall : IDisposable
{
    /// <summary>Longer than any test: one that ended by itself would let a slow test see the node come back.</summary>
    private static readonly TimeSpan s_heldAtMost = TimeSpan.FromMinutes(2);

    private readonly ManualResetEventSlim _go = new();
    private readonly ActorNode _node;

    private Stall(ActorNode node) => _node = node;

    public static async Task<Stall> OfAsync(ActorNode node)
    {
        var stall = new Stall(node);
        node.Transport.Control!.Loop.Post(() => stall._go.Wait(s_heldAtMost));
        await Eventually.TrueAsync(() => !node.Transport.Membership!.IsServing, "a lapse of the lease");
        return stall;
    }

    /// <summary>Waits while it holds, and says if it did not.</summary>
    public async Task HeldForAsync(TimeSpan span)
    {
        long end = Environment.TickCount64 + (long)span.TotalMilliseconds;
        await Eventually.TrueAsync(() => Environment.TickCount64 >= end, "a moment");
        Assert.False(_node.Transport.Membership!.IsServing);
    }

    public void Dispose() => _go.Set();
}
