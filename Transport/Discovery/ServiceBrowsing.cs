using Microsoft.Extensions.Logging;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>One caller's view of a browsed type: compares what is known with what it was told and tells the difference.</summary>
internal sealed class ServiceBrowsing(
    string serviceType, Action<ServiceInstance> found, Action<ServiceInstance> lost, ILogger logger, Action<ServiceBrowsing> ended) : IDisposable
{
    private readonly Dictionary<string, ServiceInstance> _told = [];

    // Set by Dispose, read before each callback, so that none begins after it.
    private volatile bool _isEnded;

    public string ServiceType { get; } = serviceType;

    /// <summary>Tells what changed. One call at a time.</summary>
    public void Tell(List<ServiceInstance> known)
    {
        Dictionary<string, ServiceInstance> current = [];
        foreach (ServiceInstance instance in known)
            current.TryAdd(instance.InstanceName, instance);
        foreach (ServiceInstance gone in _told.Values.Where(told => !current.ContainsKey(told.InstanceName)).ToArray())
        {
            _told.Remove(gone.InstanceName);
            Call(lost, gone);
        }
        foreach (ServiceInstance instance in current.Values)
        {
            if (_told.TryGetValue(instance.InstanceName, out ServiceInstance? told) && told.SameAs(instance))
                continue;
            _told[instance.InstanceName] = instance;
            Call(found, instance);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isEnded)
            return;
        _isEnded = true;
        ended(this);
    }

    private void Call(Action<ServiceInstance> callback, ServiceInstance instance)
    {
        if (_isEnded)
            return;
        try
        {
            callback(instance);
        }
        catch (Exception failure)
        {
            MulticastDnsLog.CallbackFailed(logger, failure);
        }
    }
}
