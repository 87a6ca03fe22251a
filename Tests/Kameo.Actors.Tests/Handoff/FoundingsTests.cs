using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Membership;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>Two nodes that founded a cluster each meet: one of them gives its own up and joins the other's.</summary>
public sealed class FoundingsTests
{
    private const int Actors = 40;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task What_slots_knew_in_the_founding_that_is_given_up_is_not_said_in_the_next_life()
    {
        string world = $"foundings{Guid.NewGuid():n}";
        await using ActorNode older = await FoundAsync();
        ActorNode newer = await FoundAsync();
        while (newer.Transport.ClusterId < older.Transport.ClusterId || newer.Transport.Membership!.Epoch < older.Transport.Membership!.Epoch)
        {
            // Of two foundings that of the greater id is given up; and its views have to be the later ones, or what is said of them would be passed by the other's soon.
            await newer.DisposeAsync();
            newer = await FoundAsync();
        }

        await using ActorNode toBeStopped = newer;

        // The thread of the slots of the one that joins does not run for a while: they learn late that its life is over.
        using var goOn = new ManualResetEventSlim();
        newer.Slots!.OnLifeEnded(new NodeLife(new MemberId(newer.Id, new Incarnation(1)), new SleepClock(TimeProvider.System)), () => goOn.Wait(s_deadline));
        try
        {
            await older.Transport.ConnectAsync(newer.Transport.LocalEndPoint!);
        }
        catch (TransportException)
        {
            // It is refused: they belong to two foundings. But each knows of the other now.
        }

        await older.Transport.Membership!.WaitForAsync(static status => status.Members.Count == 2).WaitAsync(s_deadline);
        await Eventually.TrueAsync(() => newer.Transport.PeerOf(older.Id).IsConnected && older.Transport.PeerOf(newer.Id).IsConnected, "the two to be connected");
        goOn.Set();
        foreach (ActorNode node in new[] { older, newer })
        {
            await node.Transport.Membership!.WaitForAsync(static status => status.Members.Count == 2 && status.Members.All(static member => member.State == "up")).WaitAsync(s_deadline);
        }

        foreach (ActorNode node in new[] { older, newer })
        {
            Task<string>[] visits = [.. Enumerable.Range(0, Actors).Select(index => node.Get<ISilent>($"{world}/{index}").Visit(node.Id.ToString(), 1).AsTask())];
            Assert.Equal(2, (await Task.WhenAll(visits).WaitAsync(s_deadline)).Distinct().Count());
        }

        Assert.Empty(Ledger.Named(world).Faults);
    }

    private static async Task<ActorNode> FoundAsync()
    {
        ActorNode node = await ActorNode.StartAsync(QuickTiming.Options());
        await node.Transport.Membership!.WaitForAsync(static status => status.Members.Count == 1).WaitAsync(s_deadline);
        await Eventually.TrueAsync(() => node.Slots!.OpenEpoch >= node.Transport.Membership.Epoch, "its slots to have the view");
        return node;
    }
}
