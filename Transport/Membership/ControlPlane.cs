using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Control;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Tls;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Membership;

/// <summary>The control lane of a node: its thread, its connections, its dials. <see cref="MemberShell"/> and <see cref="ClientShell"/> say what is spoken on it.</summary>
/// <remarks>Everything but what says otherwise runs on the thread of <see cref="Loop"/>.</remarks>
internal abstract class ControlPlane : IControlOwner, IDisposable
{
    /// <summary>An accepted connection must be open before so many further ones are accepted, else it is closed: a handshake takes about a millisecond of the thread, and a round of it must stay below what a lease allows for.</summary>
    private const int OpeningMax = 256;

    /// <summary>Names of which it is known where they led last.</summary>
    private const int ResolvedMax = 4_096;

    /// <summary>The longest ping: it is sent back, so that it must not fill the memory of a node whose peer does not read.</summary>
    private const int PingBytesMax = 64;

    /// <summary>How often refusals are logged; all are counted.</summary>
    private static readonly TimeSpan s_refusalsLoggedEvery = TimeSpan.FromSeconds(10);

    private readonly HashSet<ControlConnection> _connections = [];
    private readonly Queue<ControlConnection> _opening = new();
    private readonly Dictionary<string, ControlDial> _dials = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<IPEndPoint>> _resolved = new(StringComparer.OrdinalIgnoreCase);
    private TimeSpan _refusalLogged = ViewTiming.LongAgo;
    private long _refused;
    private volatile object? _leader;

    protected ControlPlane(TransportNode node, TlsEndpoint tls, SleepClock clock, ViewTiming timing)
    {
        Node = node;
        Tls = tls;
        Timing = timing;
        Loop = new ControlLoop("kameo-control", clock, node.LogControlFailed);
    }

    /// <summary>The node.</summary>
    protected TransportNode Node { get; }

    /// <summary>Its thread.</summary>
    public ControlLoop Loop { get; }

    /// <summary>Durations.</summary>
    public ViewTiming Timing { get; }

    /// <summary>The newest view installed; any thread.</summary>
    public abstract View View { get; }

    /// <summary>The present incarnation; any thread.</summary>
    public abstract NodeLife Life { get; }

    /// <summary>Bytes said and heard on connections that have ended.</summary>
    protected (long Sent, long Received) EndedBytes { get; private set; }

    /// <summary>How long a connection may take from its first packet to both hellos.</summary>
    protected TimeSpan OpenWithin => Timing.SilentAfter;

    private TlsEndpoint Tls { get; }

    /// <summary>Control connections now, those that say goodbye included.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>The leader of the stewards as far as this node knows; on a client the member that it follows. A glance: any thread.</summary>
    public PeerId? Leader => _leader as PeerId?;

    /// <summary>What the registry of names counts; any thread.</summary>
    public ClusterNames Names => (ClusterNames)Node.Names;

    /// <summary>Connections refused, or closed in favour of others, because as many as allowed stood. A glance: any thread.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The same as of the last event. A glance: any thread.</summary>
    public (long Sent, long Received) BytesGlance { get; protected set; }

    /// <summary>Bytes said and heard in all.</summary>
    public (long Sent, long Received) Bytes
    {
        get
        {
            (long sent, long received) = EndedBytes;
            foreach (ControlConnection connection in _connections)
            {
                sent += connection.BytesSent;
                received += connection.BytesReceived;
            }

            return (sent, received);
        }
    }

    /// <summary>Another node was found at an address; any thread.</summary>
    public abstract void Suggest(string address);

    /// <summary>Listens for both lanes; before the start.</summary>
    /// <param name="socket">Listening.</param>
    /// <param name="data">Takes a socket of the data lane; on the loop's thread.</param>
    public Links.ILinkListener Listen(Socket socket, Action<Socket> data) => new LaneListener(Loop, socket, data, Accept);

    /// <summary>Ends everything: connections say goodbye, the thread ends. Blocks for up to a few seconds at worst; any thread.</summary>
    public void Dispose()
    {
        using var ended = new ManualResetEventSlim();
        Loop.Post(() =>
        {
            CloseAll("the node stops");
            foreach (ControlDial dial in _dials.Values.ToArray())
            {
                dial.Stop();
            }

            ended.Set();
        });
        ended.Wait(TimeSpan.FromSeconds(5));
        Loop.Dispose();
        OnDisposed();
    }

    /// <inheritdoc/>
    public Hello MakeHello() => Node.MakeHello() with { ClusterId = 0 };

    /// <inheritdoc/>
    public void OnUp(ControlConnection connection)
    {
        if (connection.Peer == Node.Id)
        {
            connection.Close(isOver: false, "it is this node itself");
            return;
        }

        OnConnectionUp(connection);
        AfterEvent();
    }

    /// <inheritdoc/>
    public void OnFrame(ControlConnection connection, ControlKind kind, ReadOnlySpan<byte> payload)
    {
        if (kind == ControlKind.Ping)
        {
            if (payload.Length > PingBytesMax)
            {
                throw new MessagePack.MessagePackException($"a ping of {payload.Length} bytes");
            }

            connection.Send(ControlKind.Pong, payload);
            return;
        }

        OnControlFrame(connection, kind, payload);
        AfterEvent();
    }

    /// <inheritdoc/>
    public void OnEnded(ControlConnection connection)
    {
        _connections.Remove(connection);
        (long sent, long received) = EndedBytes;
        EndedBytes = (sent + connection.BytesSent, received + connection.BytesReceived);
        if (connection.WasUp && connection.Peer != Node.Id)
        {
            OnConnectionEnded(connection);
        }
        else if (connection.Dialled is { } address && _dials.TryGetValue(address, out ControlDial? dial))
        {
            dial.GoOn(connection.IsRefused);
        }

        AfterEvent();
    }

    /// <summary>Who this connection is with.</summary>
    protected static MemberId IdOf(ControlConnection connection) => new(connection.Peer, new Incarnation(connection.PeerHello!.Incarnation));

    /// <summary>After any event: outputs are taken.</summary>
    protected abstract void AfterEvent();

    /// <summary>Both hellos were read.</summary>
    protected abstract void OnConnectionUp(ControlConnection connection);

    /// <summary>A frame.</summary>
    protected abstract void OnControlFrame(ControlConnection connection, ControlKind kind, ReadOnlySpan<byte> payload);

    /// <summary>A connection that was up is over.</summary>
    protected abstract void OnConnectionEnded(ControlConnection connection);

    /// <summary>A dial led to nobody.</summary>
    protected abstract void OnDialFailed(string address, bool isRefused);

    /// <summary>The thread is over.</summary>
    protected virtual void OnDisposed()
    {
    }

    /// <summary>Dials an address; <see cref="OnConnectionUp"/> or <see cref="OnDialFailed"/> follows.</summary>
    protected void Dial(string address)
    {
        if (!_dials.ContainsKey(address))
        {
            var dial = new ControlDial(address, _resolved.GetValueOrDefault(address, []), TryConnect, Remember, EndDial);
            _dials.Add(address, dial);
            dial.Start(Node.AddressLookup, Loop);
        }
    }

    /// <summary>A dial has led to somebody.</summary>
    protected void Reached(ControlConnection connection)
    {
        if (connection.Dialled is { } address && _dials.Remove(address, out ControlDial? dial))
        {
            dial.Stop();
        }
    }

    /// <summary>Who leads by now.</summary>
    protected void LeaderIs(PeerId? leader)
    {
        if (leader != Leader)
        {
            _leader = leader; // In a box: replaced whole, for those who glance at it.
        }
    }

    /// <summary>Closes a connection that is one too many.</summary>
    protected void Refuse(ControlConnection connection, string why)
    {
        CountRefused(connection.Peer.ToShortString(), why);
        connection.Close(isOver: false, why);
    }

    /// <summary>Says goodbye on every connection.</summary>
    protected void CloseAll(string why)
    {
        foreach (ControlConnection connection in _connections.ToArray())
        {
            connection.Close(isOver: true, why);
        }
    }

    private void TryConnect(string address, IPEndPoint candidate)
    {
        Socket socket;
        try
        {
            socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        }
        catch (SocketException)
        {
            // No descriptor is left, or no such address family is there. Every dial is answered, else its address would never be dialled again.
            Loop.Post(() => _dials.GetValueOrDefault(address)?.GoOn(isRefused: false));
            return;
        }

        var connection = new ControlConnection(Loop, this, socket, Tls.CreateClient(null, Lane.Control), address, OpenWithin);
        _connections.Add(connection);
        connection.Begin(candidate);
    }

    private void Remember(string name, IReadOnlyList<IPEndPoint> found)
    {
        if (_resolved.Count >= ResolvedMax && !_resolved.ContainsKey(name))
        {
            _resolved.Clear(); // Resolved anew at the next dial of each.
        }

        _resolved[name] = found;
    }

    private void EndDial(string address, bool isRefused)
    {
        if (_dials.Remove(address))
        {
            OnDialFailed(address, isRefused);
            AfterEvent();
        }
    }

    private void Accept(Socket socket)
    {
        if (_connections.Count >= Node.Limits.ControlConnectionsMax)
        {
            CountRefused(socket.RemoteEndPoint is { } remote ? AddressText.Of(remote) : "nowhere", "as many control connections as allowed stand");
            socket.Dispose();
            return;
        }

        var connection = new ControlConnection(Loop, this, socket, Tls.CreateServer(Lane.Control), null, OpenWithin);
        _connections.Add(connection);
        _opening.Enqueue(connection);
        while (_opening.TryPeek(out ControlConnection? oldest) && (oldest.WasUp || !_connections.Contains(oldest) || _opening.Count > OpeningMax))
        {
            _opening.Dequeue();
            if (!oldest.WasUp)
            {
                oldest.Abort("too many others want to connect");
            }
        }

        connection.Begin(null);
    }

    private void CountRefused(string whom, string why)
    {
        Volatile.Write(ref _refused, _refused + 1); // Written by this thread alone.
        if (Loop.Now - _refusalLogged >= s_refusalsLoggedEvery)
        {
            _refusalLogged = Loop.Now;
            Node.LogControlRefused(whom, why, _refused);
        }
    }
}
