using System.Net.Sockets;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Tls;

namespace Kameo.Actors.Transport.Tests.Control;

/// <summary>Connections to the control lane of a node, of a peer that says only what a test wants.</summary>
internal sealed class ControlPeer : IControlOwner, IDisposable
{
    private readonly ControlLoop _loop = new("test", new SleepClock(TimeProvider.System), static _ => { });
    private readonly Dictionary<ControlConnection, TaskCompletionSource> _settling = [];
    private readonly TransportNode _node;
    private readonly TlsEndpoint _tls;
    private readonly bool _isClient;
    private readonly ulong _incarnation;

    public ControlPeer(TransportNode node, bool isClient, SecretKey? key = null, ulong incarnation = 1)
    {
        _node = node;
        _isClient = isClient;
        _incarnation = incarnation;
        using SecretKey? own = key is null ? SecretKey.Generate() : null;
        _tls = new TlsEndpoint(key ?? own!, TrustPolicy.Anyone(), TimeProvider.System, null);
        _loop.Start();
    }

    /// <summary>Connects, and waits until both hellos were read, or it ended.</summary>
    public async Task<ControlConnection> ConnectAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ControlConnection? made = null;
        _loop.Post(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            made = new ControlConnection(_loop, this, socket, _tls.CreateClient(null, Lane.Control), _node.LocalEndPoint!.ToString(), TwoNodes.Deadline);
            _settling.Add(made, done);
            made.Begin(_node.LocalEndPoint);
        });
        await done.Task.WaitAsync(TwoNodes.Deadline);
        return made!;
    }

    public void Send(ControlConnection connection, ControlKind kind, byte[] payload) => _loop.Post(() => connection.Send(kind, payload));

    public Hello MakeHello() => new()
    {
        ClusterName = "tests",
        Incarnation = _incarnation,
        IsClient = _isClient,
        AdvertisedAddress = _isClient ? string.Empty : "127.0.0.1:1",
        FrameBytesMax = 64 * 1024,
        WindowBytes = 1024 * 1024,
        StreamWindowBytes = 64 * 1024,
        InternedIdsMax = 0,
        InternedBytesMax = 0,
    };

    public void OnUp(ControlConnection connection) => _settling[connection].TrySetResult();

    public void OnFrame(ControlConnection connection, ControlKind kind, ReadOnlySpan<byte> payload)
    {
    }

    public void OnEnded(ControlConnection connection) => _settling[connection].TrySetResult();

    public void Dispose()
    {
        _loop.Dispose();
        _tls.Dispose();
    }
}
