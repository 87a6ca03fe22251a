using System.Net;
using Kameo.Actors.Transport.Discovery;
using Kameo.Actors.Transport.Discovery.Mdns;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>A packet as it crossed the virtual network.</summary>
internal sealed record Crossing(TimeSpan At, VirtualHost? From, IPEndPoint? Destination, bool OneShot, DnsMessage Message);

/// <summary>One node on the virtual network.</summary>
internal sealed class VirtualHost(string address, Random random, bool isLoopback)
{
    public IPAddress Address { get; } = IPAddress.Parse(address);
    public MdnsCore Core { get; } = new(random);
    public bool IsAlive { get; set; } = true;
    public MdnsLink Link { get; init; } = new(VirtualLan.LinkIndex, "lan", isLoopback, [new LinkAddress(IPAddress.Parse(address), 24)]);
    public ServiceInstance[] Found => [.. Core.Resolved(VirtualLan.ServiceType)];
}

/// <summary>Hosts on one link in virtual time: every packet arrives after a millisecond, multicasts at their sender too. Exact replay by its seed.</summary>
internal sealed class VirtualLan(int seed = 1)
{
    public const int LinkIndex = 3;
    public const string ServiceType = "_kameo._tcp";
    public const ushort OneShotPort = 40_000;
    private static readonly TimeSpan s_latency = TimeSpan.FromMilliseconds(1);
    private readonly Random _random = new(seed);
    private readonly List<VirtualHost> _hosts = [];
    private readonly PriorityQueue<(VirtualHost To, byte[] Bytes, MdnsSource Source), (TimeSpan At, long Order)> _underWay = new();
    private long _order;

    public TimeSpan Now { get; private set; }

    /// <summary>All that was sent, in order.</summary>
    public List<Crossing> Log { get; } = [];

    public static DnsName Type { get; } = Name("_kameo._tcp.local");

    public static DnsName Name(string text) => DnsName.TryParse(text, out DnsName? name) ? name : throw new ArgumentException(text);

    public static ServiceInstance Service(string name = "peer", ushort port = 4711) =>
        new(name, ServiceType, port, [], new Dictionary<string, string> { ["id"] = "abc", ["cluster"] = "default", ["v"] = "1" });

    public VirtualHost AddHost(string address, bool isLoopback = false, params LinkAddress[] more)
    {
        VirtualHost host = new(address, new Random(_random.Next()), isLoopback);
        if (more.Length > 0)
            host = new(address, new Random(_random.Next()), isLoopback) { Link = host.Link with { Networks = [.. host.Link.Networks, .. more] } };
        _hosts.Add(host);
        host.Core.SetLinks(Now, [host.Link]);
        return host;
    }

    public VirtualHost AddAnnouncer(string address, string name = "peer", ushort port = 4711)
    {
        VirtualHost host = AddHost(address);
        host.Core.Announce(Now, Service(name, port), null);
        Collect();
        return host;
    }

    public VirtualHost AddBrowser(string address)
    {
        VirtualHost host = AddHost(address);
        host.Core.Browse(Now, ServiceType);
        Collect();
        return host;
    }

    /// <summary>Sends a packet that no host made.</summary>
    public void Inject(DnsMessage message, string from, int port = MdnsLimits.Port, VirtualHost? to = null)
    {
        byte[] buffer = new byte[DnsLimits.MessageBytesMax];
        Assert.True(message.TryWrite(buffer, out int bytesWritten));
        IPEndPoint source = new(IPAddress.Parse(from), port);
        foreach (VirtualHost host in to is null ? [.. _hosts] : new[] { to })
            _underWay.Enqueue((host, buffer[..bytesWritten], new MdnsSource(LinkIndex, source, ToGroup: to is null)), (Now + s_latency, _order++));
    }

    /// <summary>Runs for a time.</summary>
    public void Run(double seconds) => RunUntil(Now + TimeSpan.FromSeconds(seconds), static () => false);

    /// <summary>Runs until a condition holds, and fails if it does not in time.</summary>
    public TimeSpan RunUntil(Func<bool> condition, double secondsMax)
    {
        TimeSpan start = Now;
        RunUntil(Now + TimeSpan.FromSeconds(secondsMax), condition);
        Assert.True(condition(), $"seed {seed}: not within {secondsMax} s");
        return Now - start;
    }

    private void RunUntil(TimeSpan end, Func<bool> condition)
    {
        Collect();
        while (!condition())
        {
            TimeSpan next = _hosts.Where(host => host.IsAlive).Select(host => host.Core.NextDeadline).DefaultIfEmpty(MdnsLimits.Never).Min();
            if (_underWay.TryPeek(out _, out (TimeSpan At, long Order) arrival) && arrival.At < next)
                next = arrival.At;
            if (next > end)
            {
                Now = end;
                return;
            }
            Now = next > Now ? next : Now;
            while (_underWay.TryPeek(out _, out arrival) && arrival.At <= Now)
            {
                (VirtualHost to, byte[] bytes, MdnsSource source) = _underWay.Dequeue();
                if (to.IsAlive)
                    to.Core.Handle(Now, bytes, source);
                Collect();
            }
            foreach (VirtualHost host in _hosts.Where(host => host.IsAlive && host.Core.NextDeadline <= Now))
                host.Core.HandleDeadline(Now);
            Collect();
        }
    }

    private void Collect()
    {
        foreach (VirtualHost from in _hosts)
        {
            while (from.Core.TryTake(out MdnsPacket? packet))
            {
                Assert.True(DnsMessage.TryRead(packet.Bytes, out DnsMessage? message));
                Log.Add(new Crossing(Now, from, packet.Destination, packet.OneShot, message));
                IPEndPoint source = new(from.Address, packet.OneShot ? OneShotPort : MdnsLimits.Port);
                foreach (VirtualHost to in _hosts)
                {
                    if (packet.Destination is null || packet.Destination.Address.Equals(to.Address))
                        _underWay.Enqueue((to, packet.Bytes, new MdnsSource(
                            LinkIndex, source, ToGroup: packet.Destination is null, OneShot: packet.Destination?.Port == OneShotPort)), (Now + s_latency, _order++));
                }
            }
        }
    }
}
