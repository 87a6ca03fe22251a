using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;
using Orleans;

namespace Kameo.Actors.Tests.Calls;

/// <summary>A call chain comes back to an actor that waits for it, if that one said so: as Orleans documents it.</summary>
public sealed class CallChainTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_chain_comes_back_within_the_section_and_only_then(int nodes)
    {
        await using TestCluster cluster = await StartAsync(nodes);
        for (int number = 0; number < 6; number++)
        {
            ILink first = cluster.Nodes[0].Get<ILink>($"a{number}");
            Assert.Equal($"a{number} b{number} a{number}", await first.Through([$"b{number}", $"a{number}"], allow: true).WaitAsync(s_deadline));
        }

        ActorFaultException told = await Assert.ThrowsAsync<ActorFaultException>(() => cluster.Nodes[0].Get<ILink>("x").Through(["y", "x"], allow: false).WaitAsync(s_deadline));
        Assert.Contains(nameof(ActorDeadlockException), told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_actor_may_call_itself()
    {
        await using TestCluster cluster = await StartAsync(1);
        Assert.Equal("a a a", await cluster.Clients[0].Get<ILink>("a").Through(["a", "a"], allow: true).WaitAsync(s_deadline));
    }

    [Fact]
    public async Task Other_callers_wait()
    {
        await using TestCluster cluster = await StartAsync(1);
        ILink link = cluster.Nodes[0].Get<ILink>("a");
        Task<string> inside = link.HoldOpen();
        Task<int> other = link.Turns();
        await link.Release(); // It interleaves.
        Assert.Equal("a", await inside.WaitAsync(s_deadline));
        Assert.Equal(0, await other.WaitAsync(s_deadline));
    }

    [Fact]
    public async Task A_section_ends_where_it_is_disposed_and_suppression_hides_it()
    {
        await using TestCluster cluster = await StartAsync(1);
        Assert.Equal("after: not let in, suppressed: not let in", await cluster.Clients[0].Get<ILink>("a").Scopes().WaitAsync(s_deadline));
        Assert.Equal(Guid.Empty, RequestContext.ReentrancyId);
    }

    [Fact]
    public async Task One_that_the_activation_left_open_ends_with_it()
    {
        await using TestCluster cluster = await StartAsync(1);
        string key = Journal.NewKey();
        IOpener opener = cluster.Nodes[0].Get<IOpener>(key);
        Task held = opener.Hold();
        Assert.Equal("holds", await Journal.Of(key).NextAsync());
        await Eventually.TrueAsync(() => cluster.Nodes[0].Activations.TryFind(ActorId.Of(opener))!.QueuedCalls == 1, "the call back to be in line");
        await opener.Pass(); // Whatever was let in has begun before this.
        Assert.Empty(Journal.Of(key).Rest());
        Journal.Of(key).Gate("go").SetResult();
        await held.WaitAsync(s_deadline);
        Assert.Equal("goes on", await Journal.Of(key).NextAsync());
        Assert.Equal("comes back", await Journal.Of(key).NextAsync());
    }

    private static Task<TestCluster> StartAsync(int nodes) => TestCluster.StartAsync(nodes, clients: 1, static options => options.AskTimeout = s_deadline);
}

public interface ILink : IGrainWithStringKey
{
    Task<string> Through(List<string> path, bool allow);

    Task<string> HoldOpen();

    [Orleans.Concurrency.AlwaysInterleave]
    Task Release();

    Task<int> Turns();

    Task<string> Scopes();

    Task<string> Back(string key);
}

public sealed class LinkActor : Actor, ILink
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    public async Task<string> Through(List<string> path, bool allow)
    {
        if (path.Count == 0)
        {
            return Key.Text;
        }

        using ReentrancySection? section = allow ? RequestContext.AllowCallChainReentrancy() : null;
        return $"{Key} {await Actors.Get<ILink>(path[0]).Through(path[1..], allow)}";
    }

    public async Task<string> HoldOpen()
    {
        using ReentrancySection section = RequestContext.AllowCallChainReentrancy();
        _open++;
        await _released.Task;
        string inner = await AsReference<ILink>().Through([], allow: false);
        _open--;
        return inner;
    }

    public Task Release()
    {
        _released.TrySetResult();
        return Task.CompletedTask;
    }

    public Task<int> Turns() => Task.FromResult(_open);

    public async Task<string> Scopes()
    {
        ILink other = Actors.Get<ILink>("other");
        using (RequestContext.AllowCallChainReentrancy())
        {
            Assert.Equal("a", await other.Back("a"));
        }

        Assert.Equal(Guid.Empty, RequestContext.ReentrancyId);
        string after = await TryBack(other);
        using ReentrancySection open = RequestContext.AllowCallChainReentrancy();
        using ReentrancySection suppressed = RequestContext.SuppressCallChainReentrancy();
        return $"after: {after}, suppressed: {await TryBack(other)}";
    }

    public Task<string> Back(string key) => Actors.Get<ILink>(key).Through([], allow: false);

    private static async Task<string> TryBack(ILink other)
    {
        try
        {
            return await other.Back("a");
        }
        catch (ActorFaultException told) when (told.TypeName == typeof(ActorDeadlockException).FullName)
        {
            return "not let in";
        }
    }
}

public interface IOpener : IGrainWithStringKey
{
    Task Hold();

    Task Return();

    [Orleans.Concurrency.AlwaysInterleave]
    Task Pass();
}

public interface IOpenersOther : IGrainWithStringKey
{
    Task Return(IOpener to);
}

/// <summary>Its activation lets in a chain, and calls out on it, without waiting; both are forgotten.</summary>
public sealed class OpenerActor : Actor, IOpener
{
    private Journal Journal => Journal.Of(Key.Text);

    public override ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        RequestContext.AllowCallChainReentrancy();
        _ = Actors.Get<IOpenersOther>(Key.Text).Return(AsReference<IOpener>());
        return default;
    }

    public async Task Hold()
    {
        Journal.Write("holds");
        await Journal.Gate("go").Task;
        Journal.Write("goes on");
    }

    public Task Return()
    {
        Journal.Write("comes back");
        return Task.CompletedTask;
    }

    public Task Pass() => Task.CompletedTask;
}

public sealed class OpenersOtherActor : Actor, IOpenersOther
{
    public Task Return(IOpener to) => to.Return();
}
