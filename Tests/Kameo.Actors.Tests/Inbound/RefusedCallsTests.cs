using Kameo.Actors.Calls;
using Kameo.Actors.Routing;
using Kameo.Actors.Testing;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Tests.Inbound;

/// <summary>Calls that no mailbox takes go back to their pool, which all nodes of the process share: whoever has them next queues one, not what it was queued with before.</summary>
public sealed class RefusedCallsTests
{
    [Fact]
    public async Task A_batch_that_came_as_its_node_stopped_leaves_no_links()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ActorNode node = cluster.Nodes[0];
        var target = new InboundTarget(ActorId.Of(node.Get<ICrowd>("refused")));
        await node.Activations.StopAsync(CancellationToken.None);
        TestCall[] calls = [.. Enumerable.Range(0, 3).Select(_ => NewCall(node))];
        foreach (TestCall call in calls)
        {
            target.Gather(call, null);
        }

        target.Deliver(node);
        Assert.All(calls, static call => Assert.Equal((1, null), (call.Returned, call.NextItem)));
    }

    [Fact]
    public async Task One_that_a_closed_mailbox_did_not_take_has_no_link()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        TestCall before = NewCall(cluster.Nodes[0]);
        TestCall call = NewCall(cluster.Nodes[0]);
        call.NextItem = before; // As if the mailbox had been closed between the look at its newest and the step.
        var inbox = default(Inbox);
        inbox.Close();
        Assert.False(inbox.TryPush(call));
        Assert.Null(call.NextItem);
    }

    private static TestCall NewCall(ActorNode node)
    {
        var call = new TestCall { Node = node, IsTell = true };
        call.HeldBy(1);
        return call;
    }

    private sealed class TestCall : VoidActorCall
    {
        private static readonly ActorMethod s_method = new("Test", 1, ActorMethodOptions.None, static () => new TestCall());

        public int Returned { get; private set; }

        public override ActorMethod Method => s_method;

        public override ValueTask Invoke(object actor) => default;

        public override void EncodeArguments(ref MessagePackWriter writer) => writer.WriteArrayHeader(0);

        public override void DecodeArguments(ref MessagePackReader reader) => reader.Skip();

        public override void CopyArguments()
        {
        }

        public override void ClearArguments()
        {
        }

        public override void ReturnToPool() => Returned++;
    }
}
