using Kameo.Actors.Testing;
using Kameo.Actors.Tests.Life;

namespace Kameo.Actors.Tests.Calls;

/// <summary>An actor that fails in the middle of items: what the reader gets, here and from another node, and what becomes of the actor.</summary>
public sealed class ItemFailureTests : IAsyncLifetime
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly string _key = Journal.NewKey();
    private TestCluster _cluster = null!;

    private Journal Journal => Journal.Of(_key);

    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(nodes: 1, clients: 1);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_of_NETs_arrives_as_itself_behind_the_items_before_it(bool isLocal)
    {
        var seen = new List<int>();
        InvalidDataException failure = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Get<ICrumblingAway>(isLocal).Fail(after: 5, "data"), seen));
        Assert.Equal([0, 1, 2, 3, 4], seen);
        Assert.Equal("bad data", failure.Message);
        Assert.Contains(nameof(CrumblingActor), failure.StackTrace, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(Get<ICrumblingAway>(isLocal).Fail(after: 0, "")));
        await Assert.ThrowsAsync<OperationCanceledException>(() => ReadAsync(Get<ICrumblingAway>(isLocal).Fail(after: 1, "cancelled")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Any_other_exception_is_a_fault_of_the_actor(bool isLocal)
    {
        ActorFaultException fault = await Assert.ThrowsAsync<ActorFaultException>(() => ReadAsync(Get<ICrumblingAway>(isLocal).Fail(after: 5, "own")));
        CheckFault(fault, "to crumbs");
        fault = await Assert.ThrowsAsync<ActorFaultException>(() => ReadAsync(Get<ICrumblingAway>(isLocal).FailAtTheirEnd()));
        CheckFault(fault, "at their end");
    }

    [Fact]
    public async Task An_item_that_cannot_travel_is_a_bad_result_and_no_failure_of_the_actor()
    {
        IClosed actor = Get<IClosed>(isLocal: false);
        ActorCallException failure = await Assert.ThrowsAsync<ActorCallException>(() => ReadAsync(actor.Crumbs(depth: 100)));
        Assert.Equal(CallOutcome.Ran, failure.Outcome);
        Assert.Contains("cannot travel", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, await actor.Count());
        Assert.Empty(Journal.Rest());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_fails_restarts_the_actor(bool isLocal)
    {
        IRebuilt actor = Get<IRebuilt>(isLocal);
        Assert.Equal(1, await actor.Count());
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(actor.Fail(after: 3, "")));
        Assert.Equal(1, await actor.Count());
        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
        await Assert.ThrowsAsync<ActorFaultException>(() => ReadAsync(actor.FailAtTheirEnd()));
        Assert.Equal(1, await actor.Count());
        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());

        // Also one that nobody waits for: the reader has stopped before it.
        await using (IAsyncEnumerator<int> items = actor.FailAtTheirEnd().GetAsyncEnumerator())
        {
            Assert.True(await items.MoveNextAsync());
            await Record.ExceptionAsync(async () => await items.DisposeAsync());
        }

        Assert.Equal("deactivated: Restarted", await Journal.NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_step_that_fails_stops_the_actor_unless_it_decides_otherwise(bool isLocal)
    {
        IClosed actor = Get<IClosed>(isLocal);
        Assert.Equal(1, await actor.Count());
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(actor.Fail(after: 3, "data")));
        Assert.Equal(2, await actor.Count());
        await Assert.ThrowsAsync<ActorFaultException>(() => ReadAsync(actor.Fail(after: 3, "own")));
        await Assert.ThrowsAsync<ActorStoppedException>(async () => await actor.Count());
        Assert.Equal("deactivated: Failed", await Journal.NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_its_reader_cancels_is_no_failure(bool isLocal)
    {
        IClosed actor = Get<IClosed>(isLocal);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (int _ in actor.Wait(default).WithCancellation(cancel.Token))
            {
                await cancel.CancelAsync();
            }
        }).WaitAsync(s_deadline);
        Assert.Equal("cancelled", await Journal.NextAsync());
        Assert.Equal(1, await actor.Count());
        Assert.Empty(Journal.Rest());
    }

    private static async Task ReadAsync<T>(IAsyncEnumerable<T> items, List<T>? seen = null)
    {
        await foreach (T item in items)
        {
            seen?.Add(item);
        }
    }

    private void CheckFault(ActorFaultException fault, string message)
    {
        Assert.Equal(typeof(CrumbleException).FullName, fault.TypeName);
        Assert.Equal(message, fault.FaultMessage);
        Assert.Equal(CallOutcome.Ran, fault.Outcome);
        Assert.Equal($"{fault.Target} threw {typeof(CrumbleException).FullName}: {message}", fault.Message);
        Assert.Equal(ActorKey.Of(_key), fault.Target.Key);
        Assert.Contains(nameof(CrumblingActor), fault.RemoteStackTrace, StringComparison.Ordinal);
    }

    private T Get<T>(bool isLocal)
        where T : class, ICrumbling => (isLocal ? _cluster.Nodes[0] : _cluster.Clients[0]).Get<T>(_key);
}
