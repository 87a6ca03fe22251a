using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Tests.Discovery;

/// <summary>Real sockets, on loopback alone.</summary>
public sealed class MulticastDnsTests
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(0, "127.0.0.1")]
    [InlineData(5353, "127.0.0.1")]
    public async Task Two_nodes_on_loopback_find_each_other_and_hear_the_goodbye(int port, string address)
    {
        port = port == 0 ? FreePort() : port;
        string name = UniqueName();
        await using MulticastDns server = MulticastDns.Start(OnLoopback(port));
        await using MulticastDns client = MulticastDns.Start(OnLoopback(port));
        Assert.True(server.IsAvailable && client.IsAvailable);
        Stopwatch clock = Stopwatch.StartNew();
        await server.AnnounceAsync(VirtualLan.Service(name, 4711), default).WaitAsync(s_deadline);
        TimeSpan announced = clock.Elapsed;
        Assert.Equal(name, server.AnnouncedName);

        TaskCompletionSource<ServiceInstance> found = new();
        TaskCompletionSource<ServiceInstance> lost = new();
        clock.Restart();
        using IDisposable browsing = client.Browse(
            VirtualLan.ServiceType,
            instance => { if (instance.InstanceName == name) found.TrySetResult(instance); },
            instance => { if (instance.InstanceName == name) lost.TrySetResult(instance); });
        ServiceInstance seen = await found.Task.WaitAsync(s_deadline);
        Assert.True(clock.Elapsed < s_deadline, $"found after {clock.Elapsed}"); // Within a second where nothing else runs: the end-to-end tests measure that.
        Assert.True(announced < s_deadline, $"announced after {announced}");
        Assert.Equal(4711, seen.Port);
        Assert.Equal(IPAddress.Parse(address), seen.Addresses[0]);
        Assert.Equal("abc", seen.Text["id"]);

        await server.WithdrawAsync();
        Assert.Null(server.AnnouncedName);
        Assert.Equal(name, (await lost.Task.WaitAsync(s_deadline)).InstanceName);
    }

    [Fact]
    public async Task A_waiting_browser_hears_the_announcement_and_a_taken_name_gets_a_number()
    {
        int port = FreePort();
        await using MulticastDns first = MulticastDns.Start(OnLoopback(port));
        await using MulticastDns second = MulticastDns.Start(OnLoopback(port));
        BlockingCollection<ServiceInstance> found = [];
        using IDisposable browsing = first.Browse(VirtualLan.ServiceType, found.Add, static _ => { });
        await first.AnnounceAsync(VirtualLan.Service(port: 1), default).WaitAsync(s_deadline);
        await second.AnnounceAsync(VirtualLan.Service(port: 2), default).WaitAsync(s_deadline);
        // Which of them keeps the name depends on how far the first had probed; in the end both are known, under two names.
        Dictionary<string, int> ports = [];
        while (ports.Values.Distinct().Count() < 2)
        {
            Assert.True(found.TryTake(out ServiceInstance? instance, s_deadline));
            ports[instance.InstanceName] = instance.Port;
        }
        Assert.Equal(["peer", "peer (2)"], ports.Keys.Order());

        // A second search is told at once what is known, and after its end nothing.
        BlockingCollection<ServiceInstance> again = [];
        using (first.Browse(VirtualLan.ServiceType, again.Add, static _ => { }))
        {
            Assert.True(again.TryTake(out _, s_deadline));
            Assert.True(again.TryTake(out _, s_deadline));
        }
    }

    [Fact]
    public async Task A_listening_address_that_no_interface_has_is_announced_nowhere_and_nobody_waits()
    {
        await using MulticastDns dns = MulticastDns.Start(OnLoopback(FreePort(), IPAddress.Parse("192.0.2.77")));
        await dns.AnnounceAsync(VirtualLan.Service(), default).WaitAsync(s_deadline);
        Assert.Null(dns.AnnouncedName);
    }

    [Fact]
    public async Task A_port_that_is_not_shared_makes_it_unavailable_with_one_line_and_available_when_it_is_free()
    {
        using Socket squatter = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        squatter.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        RecordingLogger logger = new();
        await using MulticastDns dns = MulticastDns.Start(new MulticastDnsOptions
        {
            Port = ((IPEndPoint)squatter.LocalEndPoint!).Port, Interfaces = IsLoopback, Logger = logger, RescanInterval = TimeSpan.FromMilliseconds(20),
        });
        Assert.False(dns.IsAvailable);
        await dns.AnnounceAsync(VirtualLan.Service(), default).WaitAsync(s_deadline);
        squatter.Dispose();
        await logger.WaitForAsync(302).WaitAsync(s_deadline);
        Assert.True(dns.IsAvailable);
        Assert.Single(logger.Events, id => id == 301);
        await logger.WaitForAsync(304).WaitAsync(s_deadline);
        Assert.Equal("peer", dns.AnnouncedName);
    }

    [Fact]
    public async Task A_callback_that_throws_is_logged_and_the_search_goes_on()
    {
        int port = FreePort();
        RecordingLogger logger = new();
        await using MulticastDns dns = MulticastDns.Start(new MulticastDnsOptions { Port = port, Interfaces = IsLoopback, Logger = logger });
        TaskCompletionSource lost = new();
        using IDisposable browsing = dns.Browse(VirtualLan.ServiceType, static _ => throw new InvalidOperationException("test"), _ => lost.SetResult());
        await dns.AnnounceAsync(VirtualLan.Service(), default).WaitAsync(s_deadline);
        await logger.WaitForAsync(307).WaitAsync(s_deadline);
        await dns.WithdrawAsync();
        await lost.Task.WaitAsync(s_deadline);
    }

    [Fact]
    public async Task After_disposal_nothing_can_be_asked_of_it_and_disposal_says_goodbye()
    {
        int port = FreePort();
        await using MulticastDns client = MulticastDns.Start(OnLoopback(port));
        TaskCompletionSource found = new();
        TaskCompletionSource lost = new();
        using IDisposable browsing = client.Browse(VirtualLan.ServiceType, _ => found.TrySetResult(), _ => lost.TrySetResult());
        MulticastDns server = MulticastDns.Start(OnLoopback(port));
        await server.AnnounceAsync(VirtualLan.Service(), default).WaitAsync(s_deadline);
        await found.Task.WaitAsync(s_deadline);
        await server.DisposeAsync();
        await server.DisposeAsync();
        await lost.Task.WaitAsync(s_deadline);
        Assert.Throws<ObjectDisposedException>(() => server.Browse(VirtualLan.ServiceType, static _ => { }, static _ => { }));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await server.AnnounceAsync(VirtualLan.Service(), default));
    }

    private static bool IsLoopback(NetworkInterface candidate) => candidate.NetworkInterfaceType == NetworkInterfaceType.Loopback;

    private static MulticastDnsOptions OnLoopback(int port, IPAddress? listening = null) =>
        new() { Port = port, Interfaces = IsLoopback, ListeningAddress = listening };

    private static string UniqueName() => $"test-{Guid.NewGuid():N}"[..20];

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed class RecordingLogger : ILogger
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource> _seen = [];

        public ConcurrentQueue<int> Events { get; } = [];

        public Task WaitForAsync(int eventId) => Seen(eventId).Task;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Events.Enqueue(eventId.Id);
            Seen(eventId.Id).TrySetResult();
        }

        private TaskCompletionSource Seen(int eventId) =>
            _seen.GetOrAdd(eventId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
