using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>Waiting until all members know.</summary>
public sealed class RegistryWaitTests
{
    private readonly RegistryWorld _world = new(2);

    [Fact]
    public void Visible_is_said_when_the_last_member_has_acknowledged()
    {
        RegistryNode[] nodes = _world.Cluster(5);
        _world.Run(3);
        _world.DelayMin = _world.DelayMax = TimeSpan.FromMilliseconds(10);
        RegisterResult result = _world.Register(nodes[0], "echo", RegistrationPriority.Immediate);
        int id = _world.Wait(nodes[0], result.Version, 5);
        TimeSpan took = _world.RunUntil(() => nodes[0].Ends.Count > 0, 5);
        Assert.Equal(2 * _world.DelayMax, took);
        Assert.Equal(new WaitEnd(id, WaitOutcome.Visible), nodes[0].Ends[0].End);
        Assert.Equal(0, nodes[0].Core.WaitCount);
    }

    [Fact]
    public void A_wait_hurries_a_normal_name()
    {
        RegistryNode[] nodes = _world.Cluster(5);
        _world.Run(3);
        RegisterResult result = _world.Register(nodes[0], "echo");
        _world.Wait(nodes[0], result.Version, 5);
        _world.RunUntil(() => nodes[0].Ends.Count > 0, 0.01);
        Assert.All(nodes, static node => Assert.NotNull(node.Core.Find("echo")));
    }

    [Fact]
    public void One_that_cannot_be_reached_holds_it_up_until_it_can_or_is_gone()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        _world.Run(3);
        _world.IsCut = (from, to) => from == nodes[2].Self.Id || to == nodes[2].Self.Id;
        ulong version = _world.Register(nodes[0], "echo").Version;
        int late = _world.Wait(nodes[0], version, 1);
        int patient = _world.Wait(nodes[0], version, 100);
        _world.Run(0.99);
        Assert.Empty(nodes[0].Ends);
        _world.Run(0.02);
        Assert.Equal(new WaitEnd(late, WaitOutcome.DeadlinePassed), Assert.Single(nodes[0].Ends).End);
        _world.Run(5);
        Assert.Single(nodes[0].Ends);
        _world.Install(nodes[0], _world.Agree([], nodes[2]));
        Assert.Equal(new WaitEnd(patient, WaitOutcome.Visible), nodes[0].Ends[^1].End);
    }

    [Fact]
    public void Who_joins_meanwhile_is_waited_for()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        _world.Run(3);
        RegistryNode newcomer = _world.Start(3);
        _world.IsCut = (from, to) => from == nodes[2].Self.Id || to == nodes[2].Self.Id;
        _world.Wait(nodes[0], _world.Register(nodes[0], "echo").Version, 100);
        _world.Run(1);
        RegistryView view = _world.Agree([newcomer]);
        _world.IsCut = (from, to) => from == newcomer.Self.Id || to == newcomer.Self.Id;
        _world.Install(nodes[0], view);
        _world.Install(nodes[1], view);
        _world.Run(3);
        Assert.NotNull(nodes[2].Core.Find("echo"));
        Assert.Empty(nodes[0].Ends);
        _world.IsCut = null;
        _world.Run(1);
        Assert.Empty(nodes[0].Ends); // It has not heard of the view, and so of no writer.
        _world.Install(newcomer, view);
        _world.RunUntil(() => nodes[0].Ends.Count > 0, 0.3);
    }

    [Fact]
    public void What_all_have_acknowledged_before_needs_no_message()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        _world.Wait(nodes[0], _world.Register(nodes[0], "echo").Version, 5);
        _world.Run(1);
        long sent = _world.MessagesSent;
        _world.Wait(nodes[0], 1, 5);
        Assert.Equal(2, nodes[0].Ends.Count);
        Assert.Equal(sent, _world.MessagesSent);
    }

    [Fact]
    public void Alone_or_before_it_is_a_member_a_node_need_not_ask()
    {
        RegistryNode alone = _world.Start(0);
        int id = _world.Wait(alone, _world.Register(alone, "echo").Version, 5);
        _world.Run(1);
        Assert.Empty(alone.Ends);
        _world.Install(alone, _world.Agree([alone]));
        Assert.Equal(new WaitEnd(id, WaitOutcome.Visible), Assert.Single(alone.Ends).End);
        Assert.Equal(0, _world.MessagesSent);
    }

    [Fact]
    public void An_eviction_ends_all_waits()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.IsCut = static (_, _) => true;
        int id = _world.Wait(nodes[1], _world.Register(nodes[1], "echo").Version, 100);
        _world.Install(nodes[1], _world.Agree([], nodes[1]));
        Assert.Equal(new WaitEnd(id, WaitOutcome.Evicted), Assert.Single(nodes[1].Ends).End);
    }

    [Fact]
    public void A_wait_given_up_says_nothing_and_what_was_not_written_cannot_be_waited_for()
    {
        RegistryNode[] nodes = _world.Cluster(2);
        _world.IsCut = static (_, _) => true;
        nodes[0].Core.CancelWait(_world.Wait(nodes[0], _world.Register(nodes[0], "echo").Version, 1));
        _world.Run(5);
        Assert.Empty(nodes[0].Ends);
        Assert.Throws<ArgumentOutOfRangeException>(() => nodes[0].Core.WaitVisible(_world.Now, 2, _world.Now));
    }

    [Fact]
    public void Many_members_are_asked_in_batches()
    {
        RegistryNode[] nodes = _world.Cluster(200);
        _world.Run(3);
        var probes = new List<TimeSpan>();
        _world.OnSend = (node, packet) =>
        {
            if (node == nodes[0])
            {
                probes.Add(_world.Now);
            }
        };
        _world.Wait(nodes[0], _world.Register(nodes[0], "echo", RegistrationPriority.Immediate).Version, 5);
        int pushes = nodes.Length - 1;
        Assert.Equal(pushes + 64, probes.Count);
        _world.RunUntil(() => nodes[0].Ends.Count > 0, 0.1);
        Assert.Equal(nodes.Length - 1, nodes[0].Core.Counters.Probes);
        Assert.Equal(TimeSpan.FromMilliseconds(30), probes.Where((_, index) => index >= pushes).Max() - probes[0]);
    }
}
