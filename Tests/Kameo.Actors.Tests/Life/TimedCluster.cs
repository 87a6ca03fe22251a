using Kameo.Actors.Testing;

namespace Kameo.Actors.Tests.Life;

/// <summary>A cluster whose time is a test's. Time passes while it is disposed, so that a turn that a failed test left waiting does not hold it up.</summary>
internal sealed class TimedCluster(TestCluster cluster, FakeTime time) : IAsyncDisposable
{
    public IReadOnlyList<ActorNode> Nodes => cluster.Nodes;

    public IReadOnlyList<ActorNode> Clients => cluster.Clients;

    public static async Task<TimedCluster> StartAsync(FakeTime time, int clients = 0, Action<ActorNodeOptions>? configure = null) =>
        new(
            await TestCluster.StartAsync(nodes: 1, clients, options =>
            {
                options.TimeProvider = time;
                configure?.Invoke(options);
            }),
            time);

    public async ValueTask DisposeAsync()
    {
        Task disposed = cluster.DisposeAsync().AsTask();
        while (!disposed.IsCompleted)
        {
            await Task.WhenAny(disposed, Task.Delay(TimeSpan.FromMilliseconds(20)));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        await disposed;
    }
}
