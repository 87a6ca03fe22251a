using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Links;
using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Names.Cluster;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport;

/// <summary>Agreed membership: the control lane beside the data connections, and what views change about these.</summary>
public sealed partial class TransportNode
{
    private readonly MemberDialers _memberDialers;
    private ControlPlane? _control;

    /// <summary>Its part in a cluster with agreed views; null for a node without (<see cref="TransportOptions.Membership"/>).</summary>
    public NodeMembership? Membership { get; private set; }

    /// <summary>The clock of leases: it counts sleep.</summary>
    internal SleepClock SleepClock { get; }

    /// <summary>Which cluster it belongs to, for hellos; zero for none.</summary>
    internal UInt128 ClusterId => _control is MemberShell { View.Cluster: var cluster } ? new UInt128(cluster.High, cluster.Low) : 0;

    /// <summary>The names of the cluster; with membership only.</summary>
    private ClusterNames ClusterNames => (ClusterNames)Names;

    /// <summary>Members that are kept connected.</summary>
    internal int MemberDialerCount => _memberDialers.Count;

    /// <summary>The control lane; null without membership.</summary>
    internal ControlPlane? Control => _control;

    /// <summary>Why this node knows of nobody who runs anything: as a client it has never followed a member, as a member it has never been in a view. Null where it has.</summary>
    internal string? WhyAlone => _control switch
    {
        ClientShell { View.Members.Count: 0, Unreached: { } address } => $"this client has found no member of the cluster '{ClusterName}' to follow: it cannot follow who is at {address}",
        ClientShell { View.Members.Count: 0 } => $"this client has found no member of the cluster '{ClusterName}': no seed has let it in, and nobody it is connected to is one",
        MemberShell { View.Members.Count: 0 } when _options.Membership!.Founders.Count != 0 => $"this node is in no cluster yet: none has admitted it to '{ClusterName}', and its founders have not all met",
        MemberShell { View.Members.Count: 0 } => $"this node is in no cluster yet: none has admitted it to '{ClusterName}'",
        _ => null,
    };

    /// <summary>A peer said hello, whether or not it is accepted: where there is a node there may be a cluster.</summary>
    internal void OnHelloSeen(Hello hello, Connection connection)
    {
        if (_control is not null && !hello.IsClient && hello.ClusterName == ClusterName && hello.AdvertisedAddress.Length != 0)
        {
            _control.Suggest(hello.AdvertisedAddress);
            if (_control is ClientShell && connection is { IsDialler: true, RemoteEndPoint: { } dialled })
            {
                _control.Suggest(AddressText.Of(dialled)); // Where it says that it is may lead nowhere from here, where this led to it.
            }
        }
    }

    /// <summary>Whether an incarnation of this node may outlive its process.</summary>
    internal bool KeepsState => _options.Membership?.StateDirectory is not null;

    /// <summary>Whether a view here has seen this incarnation go: it may not connect any more.</summary>
    internal bool HasDeparted(PeerId peer, ulong incarnation) => _control is MemberShell shell && shell.HasDeparted(new MemberId(peer, new Incarnation(incarnation)));

    /// <summary>
    /// Whether a member of the view has this key in another incarnation. Its connections must not be replaced by those of a second process with its key; if it is gone, the other one is admitted in its place first,
    /// and then dialled.
    /// </summary>
    internal bool IsKeyTaken(PeerId peer, ulong incarnation) => _control?.View.FindPeer(peer) is { } member && member.Id.Incarnation.Value != incarnation;

    /// <summary>The control thread: a view is installed on this member.</summary>
    internal void OnViewInstalled(View view, View former, MemberId self)
    {
        MembershipLog.Installed(_logger, view.Epoch, view.Cluster.ToString(), view.Members.Count, string.Join(", ", view.Members.Take(16).Select(static member => member.ToString())));
        EndConnectionsOfDeparted(view, former);
        ClusterNames.OnView(self, view);
        _memberDialers.Keep(view, self);
    }

    /// <summary>The control thread: a view is installed by the member that this client follows.</summary>
    internal void OnFollowedView(View view, View former, MemberId upstream, MemberId self)
    {
        MembershipLog.Followed(_logger, view.Epoch, view.Cluster.ToString(), view.Members.Count, upstream.ToString());
        EndConnectionsOfDeparted(view, former);
        ClusterNames.OnFollowing(upstream.Peer, upstream.Incarnation.Value, self, view);
        _memberDialers.Keep(view, self);
    }

    /// <summary>The control thread: this incarnation is over. What connections it has end; as the next one it is dialled and dials anew.</summary>
    internal void OnLifeEnded(MemberId ended, LifeEnd reason, NodeLife? next)
    {
        if (next is null && reason == LifeEnd.Left)
        {
            MembershipLog.Left(_logger, ended.ToString());
        }
        else
        {
            MembershipLog.LifeEnded(_logger, ended.ToString(), reason.ToString(), next?.Self.ToString() ?? "nobody");
        }

        if (next is not null)
        {
            Incarnation = next.Self.Incarnation.Value;
            ClusterNames.OnLifeEnded(next.Self);
        }

        _memberDialers.Clear();
        if (reason == LifeEnd.Left)
        {
            return; // It stops: who disposes it ends them in good order.
        }

        foreach (Connection connection in _connections.Keys)
        {
            connection.Close(CloseReason.StaleIncarnation, $"this incarnation of the node is over: {reason}");
        }
    }

    /// <summary>The control thread: a client follows through this member.</summary>
    /// <param name="client">The client.</param>
    /// <param name="incarnation">Its incarnation.</param>
    /// <param name="refused">Called later, on any thread, when the registry does not take it.</param>
    /// <returns>False when it does not take so many at a time.</returns>
    internal bool OnClientAttached(PeerId client, ulong incarnation, Action refused)
    {
        if (!ClusterNames.OnClientAttached(client, incarnation, refused))
        {
            return false;
        }

        MembershipLog.ClientAttached(_logger, client.ToShortString());
        return true;
    }

    /// <summary>The control thread: a client does so no more.</summary>
    internal void OnClientDetached(PeerId client)
    {
        ClusterNames.OnClientDetached(client);
        MembershipLog.ClientDetached(_logger, client.ToShortString());
    }

    internal void LogControlRefused(string whom, string why, long count) => MembershipLog.ControlRefused(_logger, whom, why, count);

    internal void LogMembersNotDialled(int count) => MembershipLog.MembersNotDialled(_logger, count, Limits.ConnectionsMax);

    internal void LogStateKept(Exception exception) => MembershipLog.StateKept(_logger, exception);

    internal void LogControlFailed(Exception exception) => MembershipLog.ControlFailed(_logger, exception);

    internal void LogHalted(View view, IReadOnlyList<MemberId> missing) =>
        MembershipLog.Halted(_logger, view.Epoch, string.Join(", ", missing.Select(id => view.TryFind(id, out Member? member) ? $"{id.Peer} at {member.Address}" : id.ToString())));

    internal void LogJoinRefused(JoinRefusal reason) => MembershipLog.JoinRefused(_logger, reason.ToString());

    internal void LogForeignCluster(ClusterId other) => MembershipLog.ForeignCluster(_logger, other.ToString(), ClusterName);

    internal void LogFounded(View view, ClusterId reformedFrom) => MembershipLog.Founded(_logger, view.Cluster.ToString(), reformedFrom.IsNone ? "new" : $"re-formed from {reformedFrom}");

    internal void LogStateLost(Exception exception) => MembershipLog.StateLost(_logger, exception);

    /// <summary>Makes the control lane and listens for both lanes, before anything is dialled.</summary>
    private void StartMembership(MembershipOptions membership)
    {
        if (_options.IsClient)
        {
            var client = new ClientShell(this, _tls, SleepClock, membership);
            _control = client;
            Begin(client.Life);
            Membership = new NodeMembership(client);
            client.Loop.Start();
            return;
        }

        Socket socket = TcpListening.Bind(_options.Listen!);
        MemberShell member;
        try
        {
            var bound = (IPEndPoint)socket.LocalEndPoint!;
            _advertisedAddress = Discovery.Seeds.AdvertisedAddress.Of(_options, bound) ?? AddressText.Of(Reachable(bound));
            member = new MemberShell(this, _tls, SleepClock, membership, _advertisedAddress, _options.Seeds);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        _control = member;
        Begin(member.Life);
        Membership = new NodeMembership(member);
        var medium = (ISocketMedium)_medium;
        _listener = member.Listen(socket, accepted => ThreadPool.UnsafeQueueUserWorkItem(
            static taken => taken.Node.Accept(taken.Medium, taken.Socket), (Node: this, Medium: medium, Socket: accepted), preferLocal: false));
        member.Loop.Start();
    }

    private void Accept(ISocketMedium medium, Socket socket)
    {
        ILink link;
        try
        {
            link = medium.Take(socket);
        }
        catch (SocketException)
        {
            socket.Dispose(); // Reset by its other end already.
            return;
        }

        Begin(link, isDialler: false);
    }

    private void Begin(NodeLife life)
    {
        new MembershipMetrics(_control!).Export(Metrics);
        Incarnation = life.Self.Incarnation.Value;
        ClusterNames.Begin(life.Self);
    }

    private async ValueTask LeaveAsync()
    {
        if (_control is MemberShell member)
        {
            await Membership!.LeaveAsync(_options.Membership!.LeaveTimeout).ConfigureAwait(false);
        }

        _control?.Loop.Post(_memberDialers.Stop); // A client, and who could not leave in time, has no end of its life.
    }

    /// <summary>Where a node that listens on every address is told to be dialled: the first address of a network that is up, the loopback one if there is no other.</summary>
    private IPEndPoint Reachable(IPEndPoint bound)
    {
        if (!bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
        {
            return bound;
        }

        IPAddress? found = null;
        try
        {
            found = NetworkInterface.GetAllNetworkInterfaces()
                .Where(static one => one.OperationalStatus == OperationalStatus.Up && one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
                .Select(static one => one.Address)
                .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .FirstOrDefault(address => !address.IsIPv6LinkLocal && (bound.AddressFamily == AddressFamily.InterNetworkV6 || address.AddressFamily == AddressFamily.InterNetwork));
        }
        catch (NetworkInformationException)
        {
            // Then only the loopback address is known.
        }

        var address = new IPEndPoint(found ?? IPAddress.Loopback, bound.Port);
        MembershipLog.AddressChosen(_logger, AddressText.Of(address));
        return address;
    }

    private void EndConnectionsOfDeparted(View view, View former)
    {
        foreach (Member member in former.Members)
        {
            // Who left in good order ends its connections itself, when what is under way on them is done.
            if (member.State == MemberState.Leaving || view.Contains(member.Id) || _peers.Find(member.Id.Peer)?.Connection is not { PeerHello: { } hello } connection || hello.Incarnation != member.Id.Incarnation.Value)
            {
                continue;
            }

            connection.Close(CloseReason.StaleIncarnation, "the view has this incarnation no more");
        }
    }
}
