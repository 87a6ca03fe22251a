using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Turns;

/// <summary>A hall with a key of its own, called from its own node or from another one, and its gates.</summary>
internal sealed class HallOfTest<T> : IAsyncDisposable
    where T : class, IHall
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private readonly TestCluster _cluster;
    private readonly string _key = Guid.NewGuid().ToString("n");

    private HallOfTest(TestCluster cluster, bool isRemote)
    {
        _cluster = cluster;
        Actor = (isRemote ? cluster.Clients[0] : cluster.Nodes[0]).Get<T>(_key);
    }

    public T Actor { get; }

    public static async Task<HallOfTest<T>> StartAsync(bool isRemote) =>
        new(await TestCluster.StartAsync(nodes: 1, clients: 1, static options =>
        {
            options.AskTimeout = s_deadline;
            options.DrainTimeout = TimeSpan.FromSeconds(1); // Of a test that fails, turns stay at their gates.
        }), isRemote);

    /// <summary>Waits until a turn stands at its gate.</summary>
    public Task EnteredAsync(string name) => Hall.GateOf(_key, name).Entered.Task.WaitAsync(s_deadline);

    public void Open(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            Hall.GateOf(_key, name).Open.SetResult();
        }
    }

    /// <summary>Opens a gate, and waits until the turn there has ended.</summary>
    public Task EndAsync(string name, Task turn)
    {
        Open(name);
        return turn.WaitAsync(s_deadline);
    }

    /// <summary>What the actor has noted, and nothing else.</summary>
    public async Task NotedAsync(params string[] notes) => Assert.Equal(notes, await Actor.Notes().AsTask().WaitAsync(s_deadline));

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
