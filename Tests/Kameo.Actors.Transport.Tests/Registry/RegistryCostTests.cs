using System.Globalization;
using Kameo.Actors.Transport.Registry;
using Xunit.Abstractions;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>What the registry costs. <c>KAMEO_REGISTRY_TABLE=1</c> adds a thousand nodes to the tables, which takes some seconds and 1 GB.</summary>
public sealed class RegistryCostTests(ITestOutputHelper output)
{
    private static readonly bool s_isFull = Environment.GetEnvironmentVariable("KAMEO_REGISTRY_TABLE") == "1";

    private static int[] Sizes => s_isFull ? [10, 100, 1_000] : [10, 100];

    [Fact]
    public void Idle_a_node_sends_the_same_however_many_there_are()
    {
        output.WriteLine("idle, 30 virtual seconds | messages per node and second | bytes per node and second");
        foreach (int count in Sizes)
        {
            RegistryWorld world = Settled(count);
            (long messages, long bytes) = (world.MessagesSent, world.BytesSent);
            world.Run(30);
            double messagesASecond = (world.MessagesSent - messages) / 30.0 / count;
            double bytesASecond = (world.BytesSent - bytes) / 30.0 / count;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,5} nodes | {messagesASecond:F2} | {bytesASecond:F1}"));
            Assert.InRange(messagesASecond, 0.9, 1.1);
            Assert.InRange(bytesASecond, 20, 50);
        }
    }

    [Fact]
    public void A_change_costs_each_node_little_and_is_soon_known()
    {
        output.WriteLine("one change | priority | known everywhere after ms: median, 99 %, worst | bytes per node");
        foreach (int count in Sizes.Prepend(5))
        {
            foreach (RegistrationPriority priority in (RegistrationPriority[])[RegistrationPriority.Normal, RegistrationPriority.Immediate])
            {
                RegistryWorld world = Settled(count);
                int changes = count >= 1000 ? 10 : count >= 100 ? 30 : 200;
                var took = new List<double>();
                (long bytes, TimeSpan start) = (world.BytesSent, world.Now);
                for (int change = 0; change < changes; change++)
                {
                    string name = $"change{change}";
                    RegistryNode node = world.Nodes[world.Random.Next(count)];
                    world.Register(node, name, priority, new byte[50]);
                    int missing = count - 1;
                    var known = new HashSet<RegistryNode> { node };
                    world.OnHandled = other =>
                    {
                        if (other.Core.Find(name) is not null && known.Add(other))
                        {
                            missing--;
                        }
                    };
                    took.Add(world.RunUntil(() => missing == 0, 10).TotalMilliseconds);
                    world.OnHandled = null;
                    world.Run(1 + world.Random.NextDouble());
                }

                took.Sort();
                double idle = 30 * (world.Now - start).TotalSeconds; // About what the table above says.
                double bytesEach = (((world.BytesSent - bytes) / (double)count) - idle) / changes;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,5} nodes | {priority} | {took[changes / 2]:F0}, {took[changes * 99 / 100]:F0}, {took[^1]:F0} | {bytesEach:F0}"));
                Assert.True(count > 5 || took[changes * 99 / 100] < (priority == RegistrationPriority.Normal ? 300 : 20));
                Assert.InRange(bytesEach, 1, 12_000);
            }
        }
    }

    [Fact]
    public void A_normal_change_among_many_is_known_on_five_nodes_within_300_ms()
    {
        RegistryWorld world = Settled(5);
        var writtenAt = new Dictionary<string, TimeSpan>();
        var missing = new Dictionary<string, int>();
        var took = new List<double>();
        world.Nodes.ForEach(static node => node.Core.Watch("busy/", isPrefix: true));
        world.OnHandled = node =>
        {
            foreach (RegistryEvent told in node.Events.Where(static told => told.Kind == RegistryEventKind.Added))
            {
                if (missing.TryGetValue(told.Registration.Entry.Name, out int left) && (missing[told.Registration.Entry.Name] = left - 1) == 0)
                {
                    took.Add((world.Now - writtenAt[told.Registration.Entry.Name]).TotalMilliseconds);
                }
            }

            node.Events.Clear();
        };
        for (int change = 0; change < 2_000; change++)
        {
            string name = $"busy/{change}";
            writtenAt[name] = world.Now;
            missing[name] = 5; // The writer is told by its watch, too.
            world.Register(world.Nodes[world.Random.Next(5)], name);
            world.Run(0.02 * world.Random.NextDouble());
        }

        world.Run(2);
        took.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"5 nodes, 100 changes a second: {took[took.Count / 2]:F0} ms (median), {took[took.Count * 99 / 100]:F0} ms (99 %), {took[^1]:F0} ms (all)"));
        Assert.Equal(2_000, took.Count);
        Assert.InRange(took[took.Count * 99 / 100], 1, 300);
    }

    [Fact]
    public void A_newcomer_learns_a_full_registry_in_few_round_trips()
    {
        RegistryWorld world = Settled(s_isFull ? 1_000 : 100);
        RegistryNode newcomer = world.Start(world.Nodes.Count);
        RegistryView view = world.Agree([newcomer]);
        long messages = world.MessagesSent;
        foreach (RegistryNode node in world.Nodes)
        {
            world.Install(node, view);
        }

        int entries = world.Nodes[0].Core.EntryCount;
        TimeSpan took = world.RunUntil(() => newcomer.Core.EntryCount == entries, 10);
        output.WriteLine($"{entries} entries of {view.Count - 1} writers: {took.TotalMilliseconds:F0} ms, {world.MessagesSent - messages} messages of all nodes");
        Assert.InRange(took.TotalSeconds, 0, 2);
    }

    [Theory]
    [InlineData(RegistrationPriority.Normal)]
    [InlineData(RegistrationPriority.Immediate)]
    public void A_flood_of_names_costs_each_node_little_more_than_their_bytes(RegistrationPriority priority)
    {
        const int Nodes = 20;
        const int Names = 5_000;
        RegistryWorld world = Settled(Nodes);
        (long bytes, TimeSpan start) = (world.BytesSent, world.Now);
        int entries = world.Nodes[0].Core.EntryCount;
        for (int index = 0; index < Names; index++)
        {
            world.Register(world.Nodes[7], $"flood/{index}", priority, new byte[100]);
        }

        world.RunUntil(() => world.Nodes.All(node => node.Core.EntryCount == entries + Names), 30);
        double seconds = (world.Now - start).TotalSeconds;
        double bytesEach = (world.BytesSent - bytes) / (double)((Nodes - 1) * Names);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Names} names of about 120 bytes, {priority}: known on {Nodes} nodes after {seconds:F2} s, {bytesEach:F0} bytes for each name and node"));
        Assert.InRange(seconds, 0, 10);
        Assert.InRange(bytesEach, 100, 400);
    }

    /// <summary>Nodes of which each tenth has ten names, when all know all.</summary>
    private static RegistryWorld Settled(int count)
    {
        var world = new RegistryWorld(1);
        RegistryNode[] nodes = world.Cluster(count);
        int expected = 0;
        for (int index = 0; index < count; index += 10)
        {
            for (int name = 0; name < 10; name++)
            {
                world.Register(nodes[index], $"{index}/{name}", metadata: new byte[20]);
                expected++;
            }
        }

        while (!nodes.All(node => node.Core.EntryCount == expected))
        {
            world.Run(1);
            Assert.InRange(world.Now.TotalSeconds, 1, 30);
        }

        world.Run(2);
        return world;
    }
}
