using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Turns;

/// <summary>A hall with a key of its own, called from its own node or from another one, and its gates.</summary>
internal sealed class HallOfTest<T> : IAsyncDisposable
    where T : class, IHall
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private readonly TestCluster _cluster;
    private readonly string _key = Guid.NewGuid().ToString("n");

    private readonly TestTime? _time;

    private HallOfTest(TestCluster cluster, bool isRemote, TestTime? time)
    {
        _cluster = cluster;
        _time = time;
        Actor = (isRemote ? cluster.Clients[0] : cluster.Nodes[0]).Get<T>(_key);
    }

    public T Actor { get; }

    /// <param name="isRemote">Whether it is called from another node.</param>
    /// <param name="time">What drives the nodes; null: real time.</param>
    public static async Task<HallOfTest<T>> StartAsync(bool isRemote, TestTime? time = null) =>
        new(await TestCluster.StartAsync(nodes: 1, clients: 1, options =>
        {
            options.TimeProvider = time ?? options.TimeProvider;
            options.AskTimeout = s_deadline;
            options.DrainTimeout = TimeSpan.FromSeconds(1); // Of a test that fails, turns stay at their gates.
        }), isRemote, time);

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

    /// <summary>Whether a turn stands at its gate, or has stood there.</summary>
    public bool HasEntered(string name) => Hall.GateOf(_key, name).Entered.Task.IsCompleted;

    public async ValueTask DisposeAsync()
    {
        Task disposed = _cluster.DisposeAsync().AsTask();
        while (!disposed.IsCompleted)
        {
            _time?.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(disposed, Task.Run(static () => { }));
        }

        await disposed;
    }
}
