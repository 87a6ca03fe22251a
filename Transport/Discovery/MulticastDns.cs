using System.Net.NetworkInformation;
using System.Net.Sockets;
using Kameo.Actors.Transport.Discovery.Mdns;
using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>
/// Announces and finds services by multicast DNS (RFC 6762, 6763) on every interface, loopback included: <see cref="MdnsCore"/> on real
/// sockets. Trouble with sockets and interfaces never reaches the caller: it is logged once, makes this unavailable and is tried again.
/// </summary>
/// <remarks>All methods may be called from any thread. What is found is unauthenticated: an address to dial, never a proof of who answers there.</remarks>
internal sealed class MulticastDns : IAsyncDisposable
{
    private static readonly TimeSpan s_rescanOften = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_rescanOftenFor = TimeSpan.FromSeconds(3);

    private readonly MulticastDnsOptions _options;
    private readonly ILogger _logger;

    /// <summary>Guards everything below; held for one packet or call, never while a callback runs.</summary>
    private readonly Lock _gate = new();
    private readonly MdnsCore _core;
    private readonly long _startedAt;
    private readonly List<MulticastSocket> _sockets = [];
    private readonly HashSet<Task> _receiving = [];
    private readonly List<ServiceBrowsing> _browsings = [];
    private readonly HashSet<int> _joinFailuresLogged = [];
    private readonly ITimer _deadlineTimer;
    private readonly ITimer _rescanTimer;
    private TaskCompletionSource? _announced;
    private ServiceInstance? _service;
    private string? _loggedName;
    private string _linkNames = "";
    private long _toldVersion = -1;
    private bool _isTelling;
    private bool _unavailableLogged;
    private bool _withoutIPv4Logged;
    private bool _isDisposed;

    private MulticastDns(MulticastDnsOptions options)
    {
        _options = options;
        _logger = options.Logger;
        _core = new MdnsCore(options.Random, options.Port);
        _startedAt = options.TimeProvider.GetTimestamp();
        _deadlineTimer = options.TimeProvider.CreateTimer(
            static self => ((MulticastDns)self!).OnDeadline(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _rescanTimer = options.TimeProvider.CreateTimer(
            static self => ((MulticastDns)self!).OnRescanDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a socket is open and has joined the group on at least one interface.</summary>
    public bool IsAvailable
    {
        get
        {
            lock (_gate)
                return IsAvailableLocked;
        }
    }

    /// <summary>The instance name under which the service is answered for: the wanted one, or with a number after a conflict, even a later one.
    /// Null while nothing is announced.</summary>
    public string? AnnouncedName
    {
        get
        {
            lock (_gate)
                return _core.AnnouncedName;
        }
    }

    private bool IsAvailableLocked => _sockets.Exists(socket => !socket.IsOneShot && socket.Joined.Count > 0);

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_startedAt);

    /// <summary>Opens the sockets and joins the groups. Never throws because of the network: see <see cref="IsAvailable"/>.</summary>
    public static MulticastDns Start(MulticastDnsOptions options)
    {
        MulticastDns started = new(options);
        NetworkChange.NetworkAddressChanged += started.OnNetworkChanged;
        started.OnRescanDue();
        return started;
    }

    /// <summary>Announces a service, in place of the one announced before. Completes when it was first announced and is answered for, 250 to 300 ms
    /// later; at once if there is no interface to announce it on, and it is then announced when there is one.</summary>
    /// <param name="service">The service; its addresses are ignored.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    /// <exception cref="ArgumentException">A name or a text cannot be put into a record.</exception>
    /// <exception cref="OperationCanceledException">The token fired, or another call replaced or withdrew the service.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public Task AnnounceAsync(ServiceInstance service, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _core.Announce(Now, service, _options.ListeningAddress);
            _service = service;
            _loggedName = null;
            _announced?.TrySetCanceled(CancellationToken.None);
            _announced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task announced = _announced.Task;
            if (!_core.IsAnnouncing)
            {
                MulticastDnsLog.NothingToAnnounceOn(_logger, service.InstanceName);
                _announced.SetResult();
            }
            AfterStepLocked();
            return announced.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Says goodbye for the service: others forget it within a second. Completes when that is sent.</summary>
    public Task WithdrawAsync()
    {
        lock (_gate)
        {
            if (!_isDisposed)
                WithdrawLocked();
        }
        return Task.CompletedTask;
    }

    /// <summary>Looks for services of a type until the result is disposed; this node's own is among them.</summary>
    /// <param name="serviceType">The type, such as <c>_kameo._tcp</c>.</param>
    /// <param name="found">Gets each instance when port, text and an address are known, those known already at once, and again when any of
    /// that changed.</param>
    /// <param name="lost">Gets each instance, as last found, when it said goodbye or expired.</param>
    /// <returns>Ends the search; no callback begins after its disposal.</returns>
    /// <remarks>Callbacks run on the thread pool, one at a time for all searches, in order, under no lock; changes that come
    /// faster than they run are merged. At most <see cref="MdnsLimits.InstancesMax"/> instances a link are known.</remarks>
    /// <exception cref="ArgumentException">It is not the name of a type.</exception>
    /// <exception cref="InvalidOperationException"><see cref="MdnsLimits.BrowsedTypesMax"/> types are looked for already.</exception>
    /// <exception cref="ObjectDisposedException">This is disposed.</exception>
    public IDisposable Browse(string serviceType, Action<ServiceInstance> found, Action<ServiceInstance> lost)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _core.Browse(Now, serviceType);
            ServiceBrowsing browsing = new(serviceType, found, lost, _logger, EndBrowsing);
            _browsings.Add(browsing);
            _toldVersion = -1;
            AfterStepLocked();
            return browsing;
        }
    }

    /// <summary>Says goodbye for the service and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        Task[] receiving;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            WithdrawLocked();
            _isDisposed = true;
            _browsings.Clear();
            foreach (MulticastSocket socket in _sockets)
                socket.Dispose();
            _sockets.Clear();
            receiving = [.. _receiving];
        }
        await _deadlineTimer.DisposeAsync().ConfigureAwait(false);
        await _rescanTimer.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(receiving).ConfigureAwait(false);
    }

    private void WithdrawLocked()
    {
        _core.Withdraw();
        _service = null;
        _announced?.TrySetCanceled(CancellationToken.None);
        AfterStepLocked();
    }

    private void EndBrowsing(ServiceBrowsing browsing)
    {
        lock (_gate)
        {
            _browsings.Remove(browsing);
            if (!_isDisposed && !_browsings.Exists(other => other.ServiceType == browsing.ServiceType))
                _core.StopBrowsing(browsing.ServiceType);
        }
    }

    /// <summary>Looks often at first, since an interface that is just coming up is not always reported; then seldom.</summary>
    private void OnRescanDue()
    {
        Rescan();
        TimeSpan next = Now < s_rescanOftenFor ? s_rescanOften : _options.RescanInterval;
        lock (_gate)
        {
            if (!_isDisposed)
                _rescanTimer.Change(next < _options.RescanInterval ? next : _options.RescanInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnNetworkChanged(object? sender, EventArgs e) => Rescan();

    private void OnDeadline()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _core.HandleDeadline(Now);
            AfterStepLocked();
        }
    }

    private void OnReceived(ReadOnlyMemory<byte> datagram, MdnsSource source)
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            try
            {
                _core.Handle(Now, datagram.Span, source);
                AfterStepLocked();
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // A defect here must not end discovery, nor reach the node.
                MulticastDnsLog.HandlingFailed(_logger, failure, source.EndPoint);
            }
        }
    }

    /// <summary>Opens the sockets that are not open, looks at the interfaces and follows what changed.</summary>
    private void Rescan()
    {
        List<MdnsLink> links = [.. LinkScan.Read(_options.Interfaces).Take(MdnsLimits.LinksMax)];
        lock (_gate)
        {
            if (_isDisposed)
                return;
            SocketException? failure = OpenSocketsLocked();
            foreach (MulticastSocket socket in _sockets)
                socket.SetLinks(links, LogJoinFailureLocked);
            HashSet<int> joined = [.. _sockets.Where(socket => !socket.IsOneShot).SelectMany(socket => socket.Joined)];
            MdnsLink[] usable = [.. links.Where(link => joined.Contains(link.Index))];
            _core.SetLinks(Now, usable);
            LogAvailabilityLocked(usable, failure);
            AfterStepLocked();
        }
    }

    private SocketException? OpenSocketsLocked()
    {
        SocketException? failure = null;
        foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            foreach (bool isOneShot in (ReadOnlySpan<bool>)[false, true])
            {
                if (_sockets.Exists(open => open.Family == family && open.IsOneShot == isOneShot))
                    continue;
                try
                {
                    MulticastSocket socket = MulticastSocket.Open(family, _options.Port, isOneShot);
                    _sockets.Add(socket);
                    Task receiving = RunReceiveAsync(socket);
                    _receiving.Add(receiving);
                }
                catch (SocketException refused)
                {
                    // A machine without IPv6 is none to complain about.
                    if (family == AddressFamily.InterNetwork)
                        failure ??= refused;
                }
            }
        }
        // One-shot queries alone find little and announce nothing.
        if (!_sockets.Exists(socket => !socket.IsOneShot))
            CloseSocketsLocked();
        return failure;
    }

    private async Task RunReceiveAsync(MulticastSocket socket)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        SocketException? failure = await socket.RunReceiveAsync(OnReceived).ConfigureAwait(false);
        lock (_gate)
        {
            if (failure is null || _isDisposed || !_sockets.Contains(socket))
                return;
            // The next scan opens all anew.
            MulticastDnsLog.ReceiveFailed(_logger, failure.Message);
            CloseSocketsLocked();
            _core.SetLinks(Now, []);
            AfterStepLocked();
        }
    }

    private void CloseSocketsLocked()
    {
        foreach (MulticastSocket socket in _sockets)
            socket.Dispose();
        _sockets.Clear();
        _receiving.RemoveWhere(receiving => receiving.IsCompleted);
    }

    /// <summary>What every input is followed by: send, plan the next deadline, tell what changed.</summary>
    private void AfterStepLocked()
    {
        while (_core.TryTake(out MdnsPacket? packet))
        {
            foreach (MulticastSocket socket in _sockets)
                SendLocked(socket, packet);
        }
        TimeSpan deadline = _core.NextDeadline;
        // Rounded up, so that the timer is never early.
        _deadlineTimer.Change(
            deadline == MdnsLimits.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((deadline - Now).TotalMilliseconds))),
            Timeout.InfiniteTimeSpan);
        if (_core.AnnouncedName is { } name && name != _loggedName)
        {
            LogName(name);
            _announced?.TrySetResult();
        }
        if (!_isTelling && _browsings.Count > 0 && _toldVersion != _core.ResolvedVersion)
        {
            _isTelling = true;
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.RunTelling(), this, preferLocal: false);
        }
    }

    private void SendLocked(MulticastSocket socket, MdnsPacket packet)
    {
        try
        {
            socket.Send(packet);
        }
        catch (SocketException failure)
        {
            MulticastDnsLog.SendFailed(_logger, packet.LinkIndex, failure.Message);
        }
    }

    private void RunTelling()
    {
        while (true)
        {
            List<(ServiceBrowsing Browsing, List<ServiceInstance> Known)> tellings;
            lock (_gate)
            {
                if (_toldVersion == _core.ResolvedVersion || _isDisposed)
                {
                    _isTelling = false;
                    return;
                }
                _toldVersion = _core.ResolvedVersion;
                tellings = [.. _browsings.Select(browsing => (browsing, _core.Resolved(browsing.ServiceType)))];
            }
            foreach ((ServiceBrowsing browsing, List<ServiceInstance> known) in tellings)
                browsing.Tell(known);
        }
    }

    private void LogName(string name)
    {
        _loggedName = name;
        if (name == _service!.InstanceName)
            MulticastDnsLog.Announced(_logger, name, _service.ServiceType);
        else
            MulticastDnsLog.Renamed(_logger, _service.InstanceName, name);
    }

    private void LogJoinFailureLocked(MdnsLink link, SocketException failure)
    {
        if (_joinFailuresLogged.Count >= MdnsLimits.LinksMax)
            _joinFailuresLogged.Clear();
        if (_joinFailuresLogged.Add(link.Index))
            MulticastDnsLog.JoinFailed(_logger, link.Name, failure.Message);
    }

    private void LogAvailabilityLocked(MdnsLink[] usable, SocketException? failure)
    {
        if (IsAvailableLocked && _unavailableLogged)
            MulticastDnsLog.AvailableAgain(_logger);
        else if (!IsAvailableLocked && !_unavailableLogged)
            MulticastDnsLog.Unavailable(_logger, failure?.Message ?? "no interface could join the group");
        else if (IsAvailableLocked && failure is not null && !_withoutIPv4Logged)
            MulticastDnsLog.WithoutIPv4(_logger, failure.Message);
        _unavailableLogged = !IsAvailableLocked;
        _withoutIPv4Logged = failure is not null;
        string names = string.Join(", ", usable.Select(link => link.Name));
        if (names != _linkNames && usable.Length > 0)
            MulticastDnsLog.LinksChanged(_logger, names);
        _linkNames = names;
    }
}
