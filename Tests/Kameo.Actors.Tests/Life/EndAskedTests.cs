using Kameo.Actors.Activations;
using Kameo.Actors.Testing;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Life;

/// <summary>An actor that asks for its end while it begins, while it ends, or in a turn that others wait beside.</summary>
public sealed class EndAskedTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("at once")]
    [InlineData("in the constructor")]
    public async Task One_that_always_asks_for_its_end_as_it_begins_runs_the_call_that_it_is_activated_for(string when)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        IBrief brief = cluster.Nodes[0].Get<IBrief>($"{Journal.NewKey()}/{when}");
        Task<int>[] asked = [.. Enumerable.Range(0, 20).Select(_ => brief.Number().AsTask())];
        int[] numbers = await Task.WhenAll(asked).WaitAsync(s_deadline);
        Assert.Equal(numbers.Length, numbers.Distinct().Count()); // Each by an activation of its own.
        Assert.True(numbers.Max() - numbers.Min() < 10 * numbers.Length, "activations are made for calls");
    }

    [Theory]
    [InlineData("begins")]
    [InlineData("ends")]
    public async Task Whose_beginning_or_end_waits_uses_no_processor_meanwhile(string when)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        ActorNode node = cluster.Nodes[0];
        string key = $"{Journal.NewKey()}/{when}";
        IBrief brief = node.Get<IBrief>(key);
        Task<int> asked = brief.Number().AsTask();
        Assert.Equal(when, await Journal.Of(key).NextAsync());
        Activation activation = node.Activations.TryFind(ActorId.Of(brief))!;
        int quiet = 0;
        await Eventually.TrueAsync(() => (quiet = activation.IsScheduled ? 0 : quiet + 1) == 1000, "its executor to leave it alone");
        Journal.Of(key).Gate("go").SetResult();
        await asked.WaitAsync(s_deadline);
    }

    [Theory]
    [InlineData(false, "ends")]
    [InlineData(true, "ends")]
    [InlineData(true, "fails")]
    public async Task What_a_turn_waits_for_runs_beside_it_though_the_activation_is_to_end(bool isReentrant, string how)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(nodes: 1);
        string key = Journal.NewKey();
        IGoer goer = isReentrant ? cluster.Nodes[0].Get<IOpenGoer>(key) : cluster.Nodes[0].Get<IChainGoer>(key);
        Task<int> going = goer.Go(ends: how == "ends").AsTask();
        Assert.Equal("waits", await Journal.Of(key).NextAsync());
        if (how == "fails")
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await goer.Fail());
        }

        Task<int> other = goer.Number().AsTask(); // Nobody in there waits for this one.
        Journal.Of(key).Gate("go").SetResult();
        int number = await going.WaitAsync(s_deadline);
        Assert.NotEqual(number, await other.WaitAsync(s_deadline));
    }

    public interface IBrief : IGrainWithStringKey
    {
        ValueTask<int> Number();
    }

    public sealed class BriefActor : Actor, IBrief
    {
        private static int s_count;
        private readonly int _number = Interlocked.Increment(ref s_count);

        public BriefActor()
        {
            if (Is("in the constructor"))
            {
                DeactivateOnIdle();
            }
        }

        public override async ValueTask OnActivateAsync(CancellationToken cancellation)
        {
            if (!Is("in the constructor"))
            {
                DeactivateOnIdle();
            }

            await WaitAsync("begins");
        }

        public override async ValueTask OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellation)
        {
            DeactivateOnIdle();
            await WaitAsync("ends");
        }

        public ValueTask<int> Number() => new(_number);

        private bool Is(string when) => Key.Text.EndsWith(when, StringComparison.Ordinal);

        private async Task WaitAsync(string when)
        {
            if (Is(when))
            {
                Journal.Of(Key.Text).Write(when);
                await Journal.Of(Key.Text).Gate("go").Task;
            }
        }
    }

    public interface IGoer : IGrainWithStringKey
    {
        /// <summary>Asks another actor, which asks back.</summary>
        ValueTask<int> Go(bool ends);

        ValueTask<int> Number();

        ValueTask Fail();
    }

    public interface IOpenGoer : IGoer;

    public interface IChainGoer : IGoer;

    public interface IReturner : IGrainWithStringKey
    {
        ValueTask<int> Return(IGoer to);
    }

    public abstract class Goer<T> : Actor
        where T : class, IGoer
    {
        private static int s_count;
        private readonly int _number = Interlocked.Increment(ref s_count);

        public async ValueTask<int> Go(bool ends)
        {
            using ReentrancySection section = this is ChainGoerActor ? RequestContext.AllowCallChainReentrancy() : default;
            if (ends)
            {
                DeactivateOnIdle();
            }

            Journal.Of(Key.Text).Write("waits");
            await Journal.Of(Key.Text).Gate("go").Task;
            Assert.Equal(_number, await Actors.Get<IReturner>(Key.Text).Return(AsReference<T>()));
            return _number;
        }

        public ValueTask<int> Number() => new(_number);

        public ValueTask Fail() => throw new InvalidOperationException("fails");
    }

    [Reentrant]
    [OnFailure(FailurePolicy.Restart)]
    public sealed class OpenGoerActor : Goer<IOpenGoer>, IOpenGoer;

    public sealed class ChainGoerActor : Goer<IChainGoer>, IChainGoer;

    public sealed class ReturnerActor : Actor, IReturner
    {
        public async ValueTask<int> Return(IGoer to)
        {
            await Task.Yield();
            return await to.Number();
        }
    }
}
