using Kameo.Actors.Calls;
using Kameo.Actors.Placement;
using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Inbound;
using Kameo.Actors.Tests.Life;
using Kameo.Actors.Tests.Placing;
using Kameo.Actors.Transport;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>As <see cref="Local.UpChainTellTests"/>, where asks between the two actors go over connections: the turn is told within moments, and its deadline is far away.</summary>
public sealed class UpChainAcrossNodesTests
{
    private const int Tells = 400;
    private const int LoadBytes = 8 * 1024;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    /// <param name="path">On which nodes the actors are that ask each other; the last one tells the first one.</param>
    [Theory]
    [InlineData("01")]
    [InlineData("010")]
    [InlineData("011")]
    [InlineData("012")]
    [InlineData("0101")]
    [InlineData("0120")]
    public async Task Is_told_soon(string path)
    {
        await using TestCluster cluster = await StartAsync(nodes: 3);
        string[] keys = KeysOn(cluster, path);
        IPlainLadder top = cluster.Nodes[0].Get<IPlainLadder>(keys[0]);
        int told = await top.Climb(keys[1..], keys[0]).AsTask().WaitAsync(s_deadline);
        Assert.InRange(told, 1, Tells - 1);
        Assert.Equal(told, await top.Count().AsTask().WaitAsync(s_deadline));
    }

    [Fact]
    public async Task Is_told_soon_where_the_turn_began_without_a_call_object()
    {
        await using TestCluster cluster = await StartAsync(nodes: 2);
        string[] keys = KeysOn(cluster, "01");
        IPlainLadder top = cluster.Nodes[0].Get<IPlainLadder>(keys[0]);
        int told = await top.ClimbOften(keys[1], 64).AsTask().WaitAsync(s_deadline);
        Assert.InRange(told, 1, Tells - 1);
        Assert.Equal(told, await top.Count().AsTask().WaitAsync(s_deadline));
    }

    [Fact]
    public async Task Is_told_soon_where_another_node_passed_the_ask_on()
    {
        await using PlacementCluster cluster = await PlacementCluster.StartAsync(3, static (_, options) => Configure(options));
        (ActorNode first, ActorNode last, ActorNode owner) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        string below = Enumerable.Range(0, 1000).Select(static number => $"b{number}").First(key => IsOwner(owner, key));
        await last.Get<INearLadder>(below).Count(); // It is where it was asked first.
        string above = Enumerable.Range(0, 1000).Select(static number => $"a{number}").First(key => IsHere(first.Get<IPlainLadder>(key)));
        long passed = owner.Slots!.PassedByRecord;
        IPlainLadder top = first.Get<IPlainLadder>(above);
        int told = await top.ClimbNear(below).AsTask().WaitAsync(s_deadline);
        Assert.True(owner.Slots!.PassedByRecord > passed);
        Assert.InRange(told, 1, Tells - 1);
        Assert.Equal(told, await top.Count().AsTask().WaitAsync(s_deadline));

        static bool IsOwner(ActorNode node, string key)
        {
            ActorId id = ActorId.Of(node.Get<INearLadder>(key));
            return node.Slots!.GroupOf(id.ClassName)!.OwnerOf(SlotHash.SlotOf(id)).Peer == node.Id;
        }
    }

    [Theory]
    [InlineData("01")]
    [InlineData("010")]
    public async Task Waits_where_nobody_waits_for_it(string path)
    {
        await using TestCluster cluster = await StartAsync(nodes: 2);
        string[] keys = KeysOn(cluster, path);
        string gate = Guid.NewGuid().ToString();
        IPlainLadder top = cluster.Nodes[0].Get<IPlainLadder>(keys[0]);
        Task left = top.ClimbUnawaited(keys[1..], gate).AsTask();
        ActorNode teller = cluster.Nodes[path[^1] - '0'];
        await Eventually.TrueAsync(() => path[^1] == '0' ? teller.Activations.TryFind(ActorId.Of(top))?.QueuedCalls > Capacity : teller.Transport.FindPeer(cluster.Nodes[0].Id)!.Connection!.WaitingCount != 0, "a tell that waits");
        long looked = teller.Clock.NowMilliseconds + 500;
        await Eventually.TrueAsync(() => teller.Clock.NowMilliseconds > looked, "some ticks, at which it is looked at");
        Journal.Of(gate).Gate("go").SetResult();
        await left.WaitAsync(s_deadline);
        Assert.Equal($"told {Tells}", await Journal.Of(gate).NextAsync());
        Assert.Equal(Tells, await top.Count().AsTask().WaitAsync(s_deadline));
    }

    private const int Capacity = 16;

    private static Task<TestCluster> StartAsync(int nodes) => TestCluster.StartAsync(nodes, configure: Configure);

    private static void Configure(ActorNodeOptions options)
    {
        options.MailboxCapacity = Capacity;
        options.Limits = new TransportLimits { WindowBytes = 256 * 1024 };
        options.TellTimeout = options.AskTimeout = TimeSpan.FromMinutes(10);
        options.DrainTimeout = TimeSpan.FromSeconds(1); // Of a test that fails, turns wait for each other.
    }

    private static bool IsHere(object reference) => ((ActorReference)reference).FindRoute()!.IsHere;

    private static string[] KeysOn(TestCluster cluster, string path)
    {
        var keys = new List<string>();
        foreach (char node in path)
        {
            keys.Add(Enumerable.Range(0, 1000).Select(static number => $"k{number}").First(key => !keys.Contains(key) && IsHere(cluster.Nodes[node - '0'].Get<IPlainLadder>(key))));
        }

        return [.. keys];
    }

    public interface ILadder : IGrainWithStringKey
    {
        /// <summary>Asks the next one of the path to go on; at its end, tells the first one until that has no place, or often enough.</summary>
        ValueTask<int> Climb(string[] path, string first, int tells = Tells);

        /// <summary>Asks another one so many times at once to tell this one: nothing, but for the last time. All but the first wait there without a call object each, and run so, since they have been short.</summary>
        ValueTask<int> ClimbOften(string other, int times);

        /// <summary>Asks one that is placed by choice to tell this one.</summary>
        ValueTask<int> ClimbNear(string other);

        /// <summary>Asks, and waits for something else.</summary>
        ValueTask ClimbUnawaited(string[] path, string journal);

        ValueTask Add(byte[] load);

        ValueTask<int> Count();
    }

    public interface IPlainLadder : ILadder;

    public interface INearLadder : ILadder;

    public sealed class LadderActor : Ladder, IPlainLadder;

    [ActorPlacement(ActorPlacement.PreferLocal)]
    public sealed class NearLadderActor : Ladder, INearLadder;

    public abstract class Ladder : Actor
    {
        private int _count;

        public ValueTask<int> Climb(string[] path, string first, int tells) =>
            path.Length != 0 ? Actors.Get<IPlainLadder>(path[0]).Climb(path[1..], first, tells) : tells == 0 ? new(0) : TellAsync(first, tells);

        private async ValueTask<int> TellAsync(string first, int tells)
        {
            byte[] load = new byte[LoadBytes];
            int number = 0;
            try
            {
                for (; number < tells; number++)
                {
                    await Actors.Get<IPlainLadder>(first).Tell().Add(load);
                }
            }
            catch (OverloadedException refused) when (refused.Outcome == CallOutcome.NotRun)
            {
                // It has no place.
            }

            return number;
        }

        public async ValueTask<int> ClimbOften(string other, int times)
        {
            IPlainLadder below = Actors.Get<IPlainLadder>(other);
            await below.Climb([], Key.Text, 0);
            return (await Task.WhenAll(Together.Send(() => Enumerable.Range(0, times).Select(index => below.Climb([], Key.Text, index < times - 1 ? 0 : Tells).AsTask()).ToArray()))).Sum();
        }

        public async ValueTask<int> ClimbNear(string other) => await Actors.Get<INearLadder>(other).Climb([], Key.Text);

        public async ValueTask ClimbUnawaited(string[] path, string journal)
        {
            _ = SayAsync(Actors.Get<IPlainLadder>(path[0]).Climb(path[1..], Key.Text), journal);
            await Journal.Of(journal).Gate("go").Task;
        }

        public ValueTask Add(byte[] load)
        {
            _count++;
            return default;
        }

        public ValueTask<int> Count() => new(_count);

        private static async Task SayAsync(ValueTask<int> told, string journal) => Journal.Of(journal).Write($"told {await told}");
    }
}
