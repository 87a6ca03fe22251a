using Kameo.Actors.Transport.Names.Cluster;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>A node that keeps state goes on with its incarnation after a restart, so no view ever drops what its last process wrote: its next one numbers names above all of that.</summary>
public sealed class RegistryResumeTests
{
    private readonly RegistryWorld _world = new(1);

    [Fact]
    public void What_the_next_process_of_an_incarnation_registers_is_found_and_what_the_last_one_did_is_not()
    {
        RegistryNode[] nodes = _world.Cluster(3);
        RegistryNode[] others = nodes[1..];
        _world.Run(3);
        for (int name = 0; name < 9; name++)
        {
            _world.Register(nodes[0], $"old{name}");
        }

        _world.Register(nodes[0], "kept");
        _world.RunUntil(() => Array.TrueForAll(others, static node => node.Core.EntryCount == 10), 1);
        _world.Stop(nodes[0]);
        ulong after = ClusterNames.VersionsAfter(DateTimeOffset.UnixEpoch.AddYears(50));
        RegistryNode resumed = _world.Resume(nodes[0], after);
        _world.Install(resumed, _world.View);
        _world.Register(resumed, "kept");
        _world.RunUntil(() => Array.TrueForAll(others, node => node.Core.Snapshot() is [{ Entry.Name: "kept" } kept] && kept.Entry.Version > after), 2);
        _world.Run(3); // Until nothing is told any more from before it began.
        _world.Register(resumed, "more", RegistrationPriority.Immediate);
        Assert.Equal(_world.DelayMax, _world.RunUntil(() => Array.TrueForAll(others, static node => node.Core.Find("more") is not null), 0.3));
        Assert.All(_world.Alive, static node => Assert.Equal(0, node.Core.Counters.MessagesRefused));
    }

    [Fact]
    public void Each_process_begins_above_all_that_one_before_it_can_have_written()
    {
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddYears(50);
        Assert.Equal(ClusterNames.VersionsAfter(start) + 1_024_000, ClusterNames.VersionsAfter(start.AddSeconds(1)));
    }
}
