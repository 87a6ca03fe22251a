using System.Text;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Tests.Asks;

namespace Kameo.Actors.Transport.Tests.Nodes;

/// <summary>Asks that their callers give up while one connection takes over from another.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task One_that_was_passed_on_takes_nobody_elses_place_on_the_connection_that_it_came_from()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoNodes former = await TwoNodes.StartAsync();
        await using TwoNodes later = await TwoNodes.StartAsync();
        using NameRegistration slowThere = former.Server.Register("slow", AnswerAsync);
        using NameRegistration slowHere = later.Server.Register("slow", AnswerAsync);
        TestAsk other = Ask(former);
        TestAsk passedOn = Ask(later);
        Assert.Equal(other.Correlation, passedOn.Correlation); // Each table begins with the same.

        // Its caller has read where it went before it was passed on, and comes there now.
        Connection there = former.Peer.Connection!;
        passedOn.Through = there;
        there.CancelAsk(passedOn);

        Assert.True(passedOn.IsCancelWanted);
        Assert.Equal((1, 1), (there.PendingCount, later.Peer.Connection!.PendingCount));
        open.SetResult();
        Assert.True(other.Completed!.Wait(TwoNodes.Deadline));
        Assert.True(passedOn.Completed!.Wait(TwoNodes.Deadline));
        Assert.Equal((AskEnd.Replied, AskEnd.Replied), (other.End, passedOn.End));

        async ValueTask AnswerAsync(NameRequest request)
        {
            await open.Task;
            request.Reply([]);
        }
    }

    private static TestAsk Ask(TwoNodes nodes)
    {
        var ask = new TestAsk(onComplete: static ask => ask.Reply.Release()) { Completed = new ManualResetEventSlim() };
        nodes.Peer.Connection!.Ask(ask, new OutboundTarget([IdSpace.Name, .. Encoding.UTF8.GetBytes("slow")]), null, new RequestOptions(nodes.Client.Clock.After(TwoNodes.Deadline)), []);
        return ask;
    }
}
