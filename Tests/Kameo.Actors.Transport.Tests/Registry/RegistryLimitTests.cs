using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>Each bound is met, and answers as it says.</summary>
public sealed class RegistryLimitTests
{
    [Fact]
    public void Entries_of_a_node()
    {
        var world = new RegistryWorld(1, new RegistryLimits { EntriesPerNodeMax = 2 });
        RegistryNode node = world.Cluster(1)[0];
        world.Register(node, "a");
        world.Register(node, "b");
        Assert.Equal(RegisterOutcome.Full, world.Register(node, "c").Outcome);
        Assert.Equal(RegisterOutcome.Done, world.Change(node, "a", [1]).Outcome);
        Assert.Equal(RegisterOutcome.Done, world.Unregister(node, "a").Outcome);
        Assert.Equal(RegisterOutcome.Done, world.Register(node, "c").Outcome);
        Assert.Equal(1, node.Core.Counters.RefusedByLimit);
    }

    [Fact]
    public void Entries_of_a_client()
    {
        RegistryCore core = Alone(new RegistryLimits { EntriesPerClientMax = 1 });
        foreach (int client in (int[])[1, 2])
        {
            core.Attach(new RegistrySource(RegistryWorld.Id(client), 1));
            Assert.Equal(RegisterOutcome.Done, core.Register(default, $"a{client}", 0, RegistrationPriority.Normal, client: RegistryWorld.Id(client)).Outcome);
            Assert.Equal(RegisterOutcome.Full, core.Register(default, $"b{client}", 0, RegistrationPriority.Normal, client: RegistryWorld.Id(client)).Outcome);
        }

        core.Unregister(default, "a1", RegistrationPriority.Normal);
        Assert.Equal(RegisterOutcome.Done, core.Register(default, "b1", 0, RegistrationPriority.Normal, client: RegistryWorld.Id(1)).Outcome);
        core.Detach(default, RegistryWorld.Id(1));
        Assert.Equal(1, core.EntryCount);
    }

    [Theory]
    [InlineData(4, long.MaxValue)]
    [InlineData(100, 1000)]
    public void Entries_and_bytes_of_all_nodes(int entries, long bytes)
    {
        var world = new RegistryWorld(1, new RegistryLimits { EntriesPerNodeMax = 4, EntriesMax = entries, EntryBytesMax = bytes });
        RegistryNode[] nodes = world.Cluster(2);
        for (int index = 0; index < 3; index++)
        {
            world.Register(nodes[0], $"a{index}");
            world.Register(nodes[1], $"b{index}");
        }

        world.Run(5);
        Assert.All(nodes, node => Assert.InRange(node.Core.EntryCount, 3, 4));
        Assert.All(nodes, node => Assert.InRange(node.Core.EntryBytes, 1, bytes));
        Assert.All(nodes, static node => Assert.InRange(node.Core.Counters.DeltasWithoutRoom, 1, 3)); // Then it is left alone.
        Assert.Contains(Enumerable.Range(0, 2).Select(index => world.Register(nodes[0], $"more{index}").Outcome), static outcome => outcome == RegisterOutcome.Full);

        // As soon as there is room, and the time is over in which it is left alone, all is known.
        foreach (RegistryNode node in nodes)
        {
            foreach (string name in node.History.Live.Keys.Skip(1).ToList())
            {
                world.Unregister(node, name);
            }
        }

        world.RunUntil(() => nodes.All(static node => node.Core.EntryCount == 2), 35);
    }

    [Theory]
    [InlineData("", RegisterOutcome.BadName)]
    [InlineData("abcde", RegisterOutcome.BadName)]
    [InlineData("üüü", RegisterOutcome.BadName)]
    [InlineData("\ud800", RegisterOutcome.BadName)]
    [InlineData("üü", RegisterOutcome.Done)]
    internal void Names(string name, RegisterOutcome outcome) => Assert.Equal(outcome, Alone(new RegistryLimits { NameBytesMax = 4 }).Register(default, name, 0, RegistrationPriority.Normal).Outcome);

    [Fact]
    public void Metadata()
    {
        RegistryCore core = Alone(new RegistryLimits { MetadataBytesMax = 4 });
        Assert.Equal(RegisterOutcome.MetadataTooLong, core.Register(default, "a", 0, RegistrationPriority.Normal, new byte[5]).Outcome);
        Assert.Equal(RegisterOutcome.Done, core.Register(default, "a", 0, RegistrationPriority.Normal, new byte[4]).Outcome);
        Assert.Equal(RegisterOutcome.MetadataTooLong, core.Change(default, "a", new byte[5]).Outcome);
        Assert.Equal(RegisterOutcome.NameTaken, core.Register(default, "a", 0, RegistrationPriority.Normal).Outcome);
        Assert.Equal(RegisterOutcome.NotRegistered, core.Change(default, "b", default).Outcome);
        Assert.Equal(RegisterOutcome.NotRegistered, core.Unregister(default, "b", RegistrationPriority.Normal).Outcome);
    }

    [Fact]
    public void Watches_waits_and_clients()
    {
        RegistryCore core = Alone(new RegistryLimits { WatchesMax = 2, WaitsMax = 1, FollowersMax = 1 });
        int first = core.Watch("a", isPrefix: false);
        Assert.NotEqual(0, core.Watch("a", isPrefix: true));
        Assert.Equal(0, core.Watch("b", isPrefix: true));
        core.Unwatch(first);
        Assert.NotEqual(0, core.Watch("b", isPrefix: true));

        core.Register(default, "a", 0, RegistrationPriority.Normal);
        Assert.NotEqual(0, core.WaitVisible(default, 1, TimeSpan.FromSeconds(1)));
        Assert.Equal(0, core.WaitVisible(default, 1, TimeSpan.FromSeconds(1)));

        Assert.True(core.Attach(new RegistrySource(RegistryWorld.Id(8), 1)));
        Assert.True(core.Attach(new RegistrySource(RegistryWorld.Id(8), 1)));
        Assert.False(core.Attach(new RegistrySource(RegistryWorld.Id(9), 1)));
        Assert.Equal(3, core.Counters.RefusedByLimit);
    }

    [Fact]
    public void Messages_however_much_there_is_to_say()
    {
        var limits = new RegistryLimits { ChunkBytesMax = 2048, DigestBytesMax = 1300, WantsPerPullMax = 60 };
        var world = new RegistryWorld(1, limits);
        RegistryNode[] nodes = world.Cluster(70);
        int longest = 0;
        world.OnSend = (_, packet) => longest = Math.Max(longest, packet.Bytes.Length);
        foreach (RegistryNode node in nodes)
        {
            for (int index = 0; index < 20; index++)
            {
                world.Register(node, $"{node}/{index}/{new string('x', 100)}", metadata: new byte[100]);
            }
        }

        world.RunUntil(() => nodes.All(static node => node.Core.EntryCount == 1400), 60);
        Assert.InRange(longest, 1000, 2048);
    }

    [Fact]
    public void Pulls_under_way()
    {
        var world = new RegistryWorld(1, new RegistryLimits { PullsMax = 2 });
        RegistryNode[] nodes = world.Cluster(8);
        world.IsCut = (from, to) => to == nodes[0].Self.Id;
        foreach (RegistryNode node in nodes)
        {
            world.Register(node, node.ToString());
        }

        world.Run(3);
        world.DelayMin = world.DelayMax = TimeSpan.FromMilliseconds(20);
        world.IsCut = null;
        int most = 0;
        world.OnHandled = node => most = Math.Max(most, node.Core.PullCount);
        foreach (RegistryNode node in nodes)
        {
            world.Register(node, $"{node}/2", RegistrationPriority.Immediate);
        }

        world.RunUntil(() => nodes[0].Core.EntryCount == 16, 3);
        Assert.Equal(2, most);
    }

    [Fact]
    public void A_pull_that_is_not_answered_is_given_up_and_another_peer_is_asked()
    {
        var world = new RegistryWorld(1);
        RegistryNode[] nodes = world.Cluster(3);
        world.Run(3);
        world.IsCut = (from, to) => to == nodes[0].Self.Id || (from == nodes[0].Self.Id && to == nodes[1].Self.Id);
        world.Register(nodes[1], "a");
        world.Run(1);
        world.IsCut = (from, to) => from == nodes[0].Self.Id && to == nodes[1].Self.Id;
        world.Register(nodes[1], "b", RegistrationPriority.Immediate);
        world.RunUntil(() => nodes[0].Core.EntryCount == 2, 3.5);
        Assert.True(nodes[0].Core.Counters.PullsTimedOut >= 1);
        Assert.Equal(0, nodes[0].Core.PullCount);
    }

    [Fact]
    public void Bytes_pushed_a_second()
    {
        var world = new RegistryWorld(1, new RegistryLimits { PushBytesPerSecondMax = 16 * 1024 });
        RegistryNode[] nodes = world.Cluster(10);
        world.Run(3);
        long before = world.BytesSent;
        for (int index = 0; index < 100; index++)
        {
            world.Register(nodes[0], $"n{index}", RegistrationPriority.Immediate, new byte[1000]);
        }

        Assert.InRange(world.BytesSent - before, 8 * 1024, 16 * 1024);
        Assert.InRange(nodes[0].Core.Counters.PushesDelayed, 90, 100);
        world.RunUntil(() => nodes.All(static node => node.Core.EntryCount == 100), 2); // With the rounds.
    }

    [Fact]
    public void Bytes_answered_a_second()
    {
        var world = new RegistryWorld(1, new RegistryLimits { AnswerBytesPerSecondMax = 32 * 1024, EntriesPerNodeMax = 1000 });
        RegistryNode[] nodes = world.Cluster(1);
        for (int index = 0; index < 200; index++)
        {
            world.Register(nodes[0], $"n{index}", RegistrationPriority.Normal, new byte[1000]);
        }

        RegistryNode newcomer = world.Start(1);
        RegistryView view = world.Agree([newcomer]);
        world.Install(nodes[0], view);
        world.Install(newcomer, view);
        long before = world.BytesSent;
        TimeSpan took = world.RunUntil(() => newcomer.Core.EntryCount == 200, 30);
        Assert.InRange((world.BytesSent - before) / took.TotalSeconds, 1000, 45 * 1024);
        Assert.True(nodes[0].Core.Counters.PullsNotAnswered > 0);
    }

    [Fact]
    public void Removals_remembered()
    {
        var world = new RegistryWorld(1, new RegistryLimits { RemovalsMax = 8 });
        RegistryNode[] nodes = world.Cluster(2);
        for (int index = 0; index < 100; index++)
        {
            world.Register(nodes[0], $"n{index}");
        }

        world.Run(3);
        world.IsCut = static (_, _) => true;
        for (int index = 0; index < 50; index++)
        {
            world.Unregister(nodes[0], $"n{index}");
        }

        Assert.InRange(nodes[0].Core.Logs[0].RemovalCount, 1, 8);
        world.Run(2);
        world.IsCut = null;
        long before = world.BytesSent;
        world.RunUntil(() => nodes[1].Core.EntryCount == 50, 3);
        Assert.Equal(1, nodes[0].Core.Counters.SweepsSent);
        Assert.InRange(world.BytesSent - before, 60, 400); // The fifty that live, by number.
    }

    [Fact]
    public void Limits_that_contradict_each_other_are_refused()
    {
        var errors = new List<string>();
        new RegistryLimits().Validate(errors);
        Assert.Empty(errors);
        foreach (RegistryLimits limits in (RegistryLimits[])
        [
            new() { EntriesMax = 1 }, new() { EntryBytesMax = 0 }, new() { NameBytesMax = 256 }, new() { MetadataBytesMax = -1 }, new() { ChunkBytesMax = 1024 }, new() { DigestRowsMax = 0 },
            new() { DigestBytesMax = 512 }, new() { RemovalsMax = 0 }, new() { PullsMax = 0 }, new() { WantsPerPullMax = 10_000 }, new() { PushBytesPerSecondMax = 1 }, new() { WaitsMax = -1 }, new() { EntriesPerClientMax = -1 },
        ])
        {
            errors.Clear();
            limits.Validate(errors);
            Assert.Single(errors);
            Assert.Throws<ArgumentException>(() => Alone(limits));
        }
    }

    private static RegistryCore Alone(RegistryLimits limits) => new(new RegistrySource(RegistryWorld.Id(0), 1), new Random(1), limits);
}
