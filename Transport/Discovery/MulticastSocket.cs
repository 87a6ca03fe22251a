using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery.Mdns;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>
/// A UDP socket of one address family on every link: the one of multicast DNS, which shares its port with other processes and joins the
/// group, or the one of one-shot queries, on a free port. Never blocks; what cannot be sent at once is lost, as UDP may lose it.
/// </summary>
/// <remarks>Sending and joining: one thread at a time. <see cref="RunReceiveAsync"/> runs beside them.</remarks>
internal sealed class MulticastSocket : IDisposable
{
    private const int ReceiveErrorsMax = 16;
    private const int HopLimit = 255;
    private const int ReceiveBufferBytes = 256 * 1024;

    private static readonly IPAddress s_groupV4 = IPAddress.Parse("224.0.0.251");
    private static readonly IPAddress s_groupV6 = IPAddress.Parse("ff02::fb");

    private readonly Socket _socket;
    private readonly int _port;
    private readonly bool _isV4;
    private readonly HashSet<int> _joined = [];

    private MulticastSocket(Socket socket, int port, bool isV4, bool isOneShot)
    {
        _socket = socket;
        _port = port;
        _isV4 = isV4;
        IsOneShot = isOneShot;
    }

    public bool IsOneShot { get; }

    public AddressFamily Family => _socket.AddressFamily;

    /// <summary>The interfaces on which the group was joined; for a one-shot socket, those it was told of.</summary>
    public IReadOnlyCollection<int> Joined => _joined;

    private IPAddress Group => _isV4 ? s_groupV4 : s_groupV6;

    /// <exception cref="SocketException">The address family is missing, or the port is taken by a process that does not share it.</exception>
    public static MulticastSocket Open(AddressFamily family, int port, bool isOneShot)
    {
        bool isV4 = family == AddressFamily.InterNetwork;
        SocketOptionLevel level = isV4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;
        Socket socket = new(family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (!isOneShot)
                SharePort(socket);
            if (!isV4)
                socket.DualMode = false;
            // Before bind, so that no packet arrives without saying on which interface.
            socket.SetSocketOption(level, SocketOptionName.PacketInformation, true);
            socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, HopLimit);
            // RFC 6762, 11: unicast answers have it too.
            socket.SetSocketOption(level, isV4 ? SocketOptionName.IpTimeToLive : SocketOptionName.HopLimit, HopLimit);
            socket.SetSocketOption(level, SocketOptionName.MulticastLoopback, true);
            socket.ReceiveBufferSize = ReceiveBufferBytes;
            socket.Blocking = false;
            socket.Bind(new IPEndPoint(isV4 ? IPAddress.Any : IPAddress.IPv6Any, isOneShot ? 0 : port));
            return new MulticastSocket(socket, port, isV4, isOneShot);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Joins the group on the links that have an address of this family and leaves it on those that are gone.</summary>
    public void SetLinks(IReadOnlyCollection<MdnsLink> links, Action<MdnsLink, SocketException> failed)
    {
        AddressFamily family = _isV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        MdnsLink[] able = [.. links.Where(link => link.Networks.Any(network => network.Address.AddressFamily == family))];
        // An interface that is gone took its membership along, so leaving may fail.
        foreach (int gone in _joined.Where(index => !able.Any(link => link.Index == index)).ToArray())
        {
            _joined.Remove(gone);
            if (!IsOneShot)
                TrySetMembership(gone, join: false);
        }
        foreach (MdnsLink link in able.Where(link => !_joined.Contains(link.Index)))
        {
            SocketException? failure = IsOneShot ? null : TrySetMembership(link.Index, join: true);
            if (failure is null)
                _joined.Add(link.Index);
            else
                failed(link, failure);
        }
    }

    /// <summary>Sends a packet if it is for this socket: of its kind, and to the group or to an address of its family.</summary>
    /// <exception cref="SocketException">The system did not take it.</exception>
    public void Send(MdnsPacket packet)
    {
        if (packet.OneShot != IsOneShot || !_joined.Contains(packet.LinkIndex)
            || (packet.Destination is not null && packet.Destination.AddressFamily != Family))
            return;
        if (packet.Destination is not null)
        {
            _socket.SendTo(packet.Bytes, packet.Destination);
            return;
        }
        if (_isV4)
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.HostToNetworkOrder(packet.LinkIndex));
        else
            _socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, packet.LinkIndex);
        _socket.SendTo(packet.Bytes, new IPEndPoint(Group, _port));
    }

    /// <summary>Reads datagrams until the socket is disposed. Truncated ones are dropped.</summary>
    /// <param name="handle">Gets each; the memory is valid during the call.</param>
    /// <returns>Null after disposal, else the error that keeps coming back.</returns>
    public async Task<SocketException?> RunReceiveAsync(Action<ReadOnlyMemory<byte>, MdnsSource> handle)
    {
        byte[] buffer = new byte[DnsLimits.MessageBytesMax];
        IPEndPoint any = new(_isV4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        for (int errors = 0; ;)
        {
            try
            {
                SocketReceiveMessageFromResult received = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any).ConfigureAwait(false);
                errors = 0;
                if ((received.SocketFlags & SocketFlags.Truncated) != 0)
                    continue;
                MdnsSource source = new(
                    received.PacketInformation.Interface, (IPEndPoint)received.RemoteEndPoint,
                    ToGroup: Group.Equals(received.PacketInformation.Address), IsOneShot);
                handle(buffer.AsMemory(0, received.ReceivedBytes), source);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException failure) when (failure.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException failure)
            {
                // A datagram too long (Windows) or an ICMP error for an earlier answer: neither ends the socket.
                if (++errors >= ReceiveErrorsMax)
                    return failure;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private SocketException? TrySetMembership(int linkIndex, bool join)
    {
        SocketOptionName name = join ? SocketOptionName.AddMembership : SocketOptionName.DropMembership;
        try
        {
            if (_isV4)
                _socket.SetSocketOption(SocketOptionLevel.IP, name, new MulticastOption(s_groupV4, linkIndex));
            else
                _socket.SetSocketOption(SocketOptionLevel.IPv6, name, new IPv6MulticastOption(s_groupV6, linkIndex));
            return null;
        }
        catch (SocketException failure)
        {
            return failure;
        }
    }

    /// <summary>Lets other processes, such as the system's own responder, have the port too; each gets every multicast.</summary>
    private static void SharePort(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        // SO_REUSEPORT, which .NET has no name for. Not every kernel has it, and SO_REUSEADDR may be enough.
        (int Level, int Name)? reusePort = OperatingSystem.IsLinux() ? (1, 15) : OperatingSystem.IsMacOS() ? (0xFFFF, 0x0200) : null;
        if (reusePort is not { } option)
            return;
        try
        {
            socket.SetRawSocketOption(option.Level, option.Name, BitConverter.GetBytes(1));
        }
        catch (SocketException)
        {
            // Then bind tells whether the port can be had.
        }
    }
}
