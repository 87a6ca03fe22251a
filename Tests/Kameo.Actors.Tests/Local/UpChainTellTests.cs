using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Local;

/// <summary>A turn that tells an actor which waits for that turn: where its mailbox is full no place can come, and the turn is told at once instead of at its deadline, which is far away here.</summary>
public sealed class UpChainTellTests
{
    private const int Capacity = 4;
    private const int Tells = 50;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(Way.Await, ActorPlacement.Hashed)]
    [InlineData(Way.ConfigureAwait, ActorPlacement.Hashed)]
    [InlineData(Way.All, ActorPlacement.Hashed)]
    [InlineData(Way.Through, ActorPlacement.Hashed)]
    [InlineData(Way.Forward, ActorPlacement.Hashed)]
    [InlineData(Way.OnStack, ActorPlacement.Hashed)]
    [InlineData(Way.Await, ActorPlacement.PreferLocal)]
    [InlineData(Way.Through, ActorPlacement.PreferLocal)]
    [InlineData(Way.OnStack, ActorPlacement.PreferLocal)]
    public async Task Is_told_at_once(Way way, ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(placement);
        string key = Journal.NewKey();
        IRung top = cluster.Nodes[0].Get<IPlainRung>(key);
        await cluster.Nodes[0].Get<IPlainRung>($"{key}/below").Read();
        Task<int> filled = top.Climb(way, key).AsTask();
        if (way != Way.OnStack)
        {
            await LetFillAsync(key);
        }

        int told = await filled.WaitAsync(s_deadline);
        Assert.InRange(told, Capacity, Capacity + 1);
        Assert.Equal(Enumerable.Range(0, told), await top.Read().AsTask().WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(ActorPlacement.Hashed)]
    [InlineData(ActorPlacement.PreferLocal)]
    public async Task Is_told_at_once_by_an_actor_that_waits_for_it_to_activate(ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(placement);
        string key = Journal.NewKey();
        IRung top = cluster.Nodes[0].Get<IPlainRung>($"{key}/asks as it activates");
        Task<int[]> read = top.Read().AsTask();
        await LetFillAsync(key);
        await read.WaitAsync(s_deadline);
        Assert.InRange((await top.Read().AsTask().WaitAsync(s_deadline)).Length, Capacity - 1, Capacity); // That one had a place, too.
    }

    /// <summary>Its caller may await its ask only when that has run for a while, and waits for a place.</summary>
    [Theory]
    [InlineData(ActorPlacement.Hashed)]
    [InlineData(ActorPlacement.PreferLocal)]
    public async Task Is_told_as_soon_as_it_is_awaited(ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(placement);
        string key = Journal.NewKey();
        IRung top = cluster.Nodes[0].Get<IPlainRung>(key);
        Task<int> filled = top.Climb(Way.Late, key).AsTask();
        await LetFillAsync(key);
        await FullAsync(cluster, top);
        Assert.False(filled.IsCompleted);
        Journal.Of(key).Gate("await").SetResult();
        Assert.InRange(await filled.WaitAsync(s_deadline), Capacity, Capacity + 1);
    }

    [Theory]
    [InlineData(ActorPlacement.Hashed)]
    [InlineData(ActorPlacement.PreferLocal)]
    public async Task Waits_for_a_place_where_nobody_waits_for_it(ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(placement);
        string key = Journal.NewKey();
        IRung top = cluster.Nodes[0].Get<IPlainRung>(key);
        Task<int> left = top.Climb(Way.Unawaited, key).AsTask();
        await LetFillAsync(key);
        await FullAsync(cluster, top);
        long looked = cluster.Nodes[0].Clock.NowMilliseconds + 500;
        await Eventually.TrueAsync(() => cluster.Nodes[0].Clock.NowMilliseconds > looked, "some ticks, at which it is looked at");
        Journal.Of(key).Gate("await").SetResult();
        Assert.Equal(0, await left.WaitAsync(s_deadline));
        Assert.Equal($"told {Tells}", await Journal.Of(key).NextAsync());
        Assert.Equal(Enumerable.Range(0, Tells), await top.Read().AsTask().WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(Way.Await, ActorPlacement.Hashed)]
    [InlineData(Way.OnStack, ActorPlacement.Hashed)]
    [InlineData(Way.Await, ActorPlacement.PreferLocal)]
    public async Task Waits_for_a_place_in_a_reentrant_actor(Way way, ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(placement);
        string key = Journal.NewKey();
        IOpenRung top = cluster.Nodes[0].Get<IOpenRung>(key);
        Task<int> filled = top.Climb(way, key).AsTask();
        if (way != Way.OnStack)
        {
            await LetFillAsync(key);
        }

        Assert.Equal(Tells, await filled.WaitAsync(s_deadline));
    }

    [Theory]
    [InlineData(ActorPlacement.Hashed)]
    [InlineData(ActorPlacement.PreferLocal)]
    public async Task Is_told_soon_where_some_method_might_have_made_a_place(ActorPlacement placement)
    {
        await using TestCluster cluster = await StartAsync(placement);
        string key = Journal.NewKey();
        IMixedRung top = cluster.Nodes[0].Get<IMixedRung>(key);
        Task<int> filled = top.Climb(Way.Await, key).AsTask();
        await LetFillAsync(key);
        Assert.InRange(await filled.WaitAsync(s_deadline), Capacity, Capacity + 1);
    }

    /// <summary>The lower turn runs, and its caller waits for it: it begins to tell.</summary>
    private static async Task LetFillAsync(string key)
    {
        Assert.Equal("waits", await Journal.Of(key).NextAsync());
        Journal.Of(key).Gate("go").SetResult();
    }

    private static Task FullAsync(TestCluster cluster, IRung rung) =>
        Eventually.TrueAsync(() => cluster.Nodes[0].Activations.TryFind(ActorId.Of(rung))?.QueuedCalls > Capacity, "a tell that waits for a place");

    private static Task<TestCluster> StartAsync(ActorPlacement placement) => TestCluster.StartAsync(nodes: 1, configure: options =>
    {
        options.MailboxCapacity = Capacity;
        options.TellTimeout = options.AskTimeout = TimeSpan.FromMinutes(10);
        options.DrainTimeout = TimeSpan.FromSeconds(1); // Of a test that fails, turns wait for each other.
        options.ClassSpecificPlacement[typeof(PlainRungActor)] = new(placement);
        options.ClassSpecificPlacement[typeof(MixedRungActor)] = new(placement);
        options.ClassSpecificPlacement[typeof(OpenRungActor)] = new(placement);
    });

    /// <summary>How an actor waits for the one below it.</summary>
    public enum Way
    {
        Await,
        ConfigureAwait,
        All,
        Through,
        Forward,
        OnStack,
        Late,
        Unawaited,
    }

    /// <summary>What its class lets in beside a turn that waits: nothing, everything, or one method.</summary>
    public enum Kind
    {
        Plain,
        Open,
        Mixed,
    }

    public interface IRung : IGrainWithStringKey
    {
        /// <summary>Asks the actor below to tell this one.</summary>
        ValueTask<int> Climb(Way way, string journal);

        /// <summary>Waits for the gate, then tells another one until that has no place, or was told often enough.</summary>
        ValueTask<int> Fill(string other, Kind kind, string journal);

        /// <summary>The same without a gate, and at once.</summary>
        ValueTask<int> FillNow(string other, Kind kind);

        /// <summary>Has the next one fill another.</summary>
        ValueTask<int> PassOn(string next, string other, Kind kind, string journal, bool forwards);

        ValueTask Add(int number);

        ValueTask<int[]> Read();
    }

    public interface IPlainRung : IRung;

    public interface IOpenRung : IRung;

    public interface IMixedRung : IRung
    {
        [AlwaysInterleave]
        ValueTask Pass();
    }

    public sealed class PlainRungActor : Rung, IPlainRung
    {
        protected override IRung Below(string key) => Actors.Get<IPlainRung>(key);

        protected override Kind Own => Kind.Plain;
    }

    [Reentrant]
    public sealed class OpenRungActor : Rung, IOpenRung
    {
        protected override IRung Below(string key) => Actors.Get<IOpenRung>(key);

        protected override Kind Own => Kind.Open;
    }

    public sealed class MixedRungActor : Rung, IMixedRung
    {
        protected override IRung Below(string key) => Actors.Get<IMixedRung>(key);

        protected override Kind Own => Kind.Mixed;

        public ValueTask Pass() => default;
    }

    public abstract class Rung : Actor
    {
        private readonly List<int> _numbers = [];

        protected abstract Kind Own { get; }

        protected abstract IRung Below(string key);

        public override async ValueTask OnActivateAsync(CancellationToken cancellation)
        {
            if (Key.Text.Split('/') is [var journal, "asks as it activates"])
            {
                await Below($"{journal}/below").Fill(Key.Text, Own, journal);
            }
        }

        public async ValueTask<int> Climb(Way way, string journal)
        {
            IRung below = Below($"{Key.Text}/below");
            string far = $"{Key.Text}/far";
            switch (way)
            {
                case Way.Await:
                    return await below.Fill(Key.Text, Own, journal);
                case Way.ConfigureAwait:
                    return await below.Fill(Key.Text, Own, journal).ConfigureAwait(false);
                case Way.All:
                    return (await Task.WhenAll(below.Fill(Key.Text, Own, journal).AsTask(), Task.FromResult(0)))[0];
                case Way.Through:
                    return await below.PassOn(far, Key.Text, Own, journal, forwards: false);
                case Way.Forward:
                    return await below.PassOn(far, Key.Text, Own, journal, forwards: true);
                case Way.OnStack:
                    return await below.FillNow(Key.Text, Own);
                case Way.Late:
                    Task<int> late = below.Fill(Key.Text, Own, journal).AsTask();
                    await Journal.Of(journal).Gate("await").Task;
                    return await late;
                default:
                    _ = SayAsync(below.Fill(Key.Text, Own, journal), journal);
                    await Journal.Of(journal).Gate("await").Task;
                    return 0;
            }
        }

        public async ValueTask<int> Fill(string other, Kind kind, string journal)
        {
            Journal.Of(journal).Write("waits");
            await Journal.Of(journal).Gate("go").Task;
            return await FillNow(other, kind);
        }

        public async ValueTask<int> FillNow(string other, Kind kind)
        {
            int number = 0;
            try
            {
                for (; number < Tells; number++)
                {
                    await (kind switch
                    {
                        Kind.Plain => Actors.Get<IPlainRung>(other).Tell().Add(number),
                        Kind.Open => Actors.Get<IOpenRung>(other).Tell().Add(number),
                        _ => Actors.Get<IMixedRung>(other).Tell().Add(number),
                    });
                }
            }
            catch (OverloadedException refused) when (refused.Outcome == CallOutcome.NotRun)
            {
                // It has no place.
            }

            return number;
        }

        public ValueTask<int> PassOn(string next, string other, Kind kind, string journal, bool forwards) =>
            forwards ? Forward(Below(next).Fill(other, kind, journal)) : PassOnAsync(Below(next), other, kind, journal);

        public ValueTask Add(int number)
        {
            _numbers.Add(number);
            return default;
        }

        public ValueTask<int[]> Read() => new([.. _numbers]);

        private static async ValueTask<int> PassOnAsync(IRung next, string other, Kind kind, string journal) => await next.Fill(other, kind, journal);

        private static async Task SayAsync(ValueTask<int> told, string journal) => Journal.Of(journal).Write($"told {await told}");
    }
}
