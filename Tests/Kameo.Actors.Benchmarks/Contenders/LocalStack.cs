using System.Net;
using Kameo.Actors.Benchmarks.Harness;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>Callers and callee in one process, the client's; the server's idles.</summary>
/// <param name="name">Its name.</param>
/// <param name="open">Makes what is called.</param>
internal sealed class LocalStack(string name, Func<Task<LocalTargets>> open) : ManagedStack(name)
{
    public override Task<IServerPart> ListenAsync(TransportLoop loop) => Task.FromResult<IServerPart>(new Nobody());

    public override async Task<IClientPart> ConnectAsync(int port, TransportLoop loop) => new LocalClient(await open());

    /// <summary>An actor node that is a cluster of its own: each entry is checked against its lease.</summary>
    public static LocalStack OfActors(string name, Action<ActorNodeOptions> set) => new(name, async () =>
    {
        var options = new ActorNodeOptions { Trust = TrustPolicy.Peers([]), Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        set(options);
        ActorNode node = await ActorNode.StartAsync(options);
        return new LocalTargets(index => node.Get<IAdder>(index), node.DisposeAsync);
    });

    /// <summary>An object of one's own.</summary>
    public static LocalStack OfObjects(string name, Func<IAdder> create) => new(name, () =>
    {
        var made = new System.Collections.Concurrent.ConcurrentDictionary<int, Lazy<IAdder>>();
        return Task.FromResult(new LocalTargets(index => made.GetOrAdd(index, _ => new Lazy<IAdder>(create)).Value, static () => default));
    });

    private sealed class Nobody : IServerPart
    {
        public int Port => 0;

        public long Received => 0;

        public ValueTask DisposeAsync() => default;
    }
}

/// <summary>What local callers call.</summary>
/// <param name="Find">The target of a number; the same each time.</param>
/// <param name="Close">Ends all.</param>
internal sealed record LocalTargets(Func<int, IAdder> Find, Func<ValueTask> Close);
