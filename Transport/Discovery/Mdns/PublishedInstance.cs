using System.Net;
using System.Text;
using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>The records of a service under one of its possible names, without the addresses, which differ by link. Immutable.</summary>
internal sealed class PublishedInstance
{
    private readonly ServiceInstance _service;
    private readonly int _attempt;

    /// <param name="service">What is to be announced.</param>
    /// <param name="attempt">1 for the wanted name, more after as many conflicts.</param>
    /// <exception cref="ArgumentException">A name or a text cannot be put into a record.</exception>
    public PublishedInstance(ServiceInstance service, int attempt = 1)
    {
        _service = service;
        _attempt = attempt;
        InstanceName = Suffixed(service.InstanceName, attempt == 1 ? "" : $" ({attempt})");
        string host = Suffixed(HostLabel(service.InstanceName), attempt == 1 ? "" : $"-{attempt}");

        string[] typeLabels = service.ServiceType.Split('.');
        if (typeLabels.Length != 2 || !DnsName.TryCreate([.. typeLabels, MdnsLimits.Domain], out DnsName? type)
            || !DnsName.TryCreate([InstanceName, .. typeLabels, MdnsLimits.Domain], out DnsName? instance)
            || !DnsName.TryCreate([host, MdnsLimits.Domain], out DnsName? hostName))
            throw new ArgumentException($"'{service.InstanceName}' of type '{service.ServiceType}' cannot be announced.", nameof(service));
        Instance = instance;
        Host = hostName;
        Pointer = DnsRecord.Ptr(type, instance, MdnsLimits.OtherTtlSeconds);
        TypePointer = DnsRecord.Ptr(AllTypes, type, MdnsLimits.OtherTtlSeconds);
        Location = DnsRecord.Srv(instance, hostName, service.Port, MdnsLimits.HostTtlSeconds);
        Text = DnsRecord.Txt(instance, service.Text, MdnsLimits.OtherTtlSeconds);
    }

    /// <summary>The name under which all service types are listed (RFC 6763, 9).</summary>
    public static DnsName AllTypes { get; } =
        DnsName.TryParse($"_services._dns-sd._udp.{MdnsLimits.Domain}", out DnsName? name) ? name : throw new InvalidOperationException();

    /// <summary>The first label of <see cref="Instance"/>.</summary>
    public string InstanceName { get; }

    public DnsName Instance { get; }

    /// <summary>A host name of this service alone: the machine's own belongs to whoever answers for the machine.</summary>
    public DnsName Host { get; }

    /// <summary>Shared: from the type to this instance.</summary>
    public DnsRecord Pointer { get; }

    /// <summary>Shared: from <see cref="AllTypes"/> to the type.</summary>
    public DnsRecord TypePointer { get; }

    /// <summary>Unique: host and port.</summary>
    public DnsRecord Location { get; }

    /// <summary>Unique.</summary>
    public DnsRecord Text { get; }

    /// <summary>The same service under its next name.</summary>
    public PublishedInstance Renamed() => new(_service, _attempt + 1);

    public DnsRecord AddressRecord(IPAddress address) => DnsRecord.AddressOf(Host, address, MdnsLimits.HostTtlSeconds);

    /// <summary>Letters, digits and hyphens only, so that the host name is one for unicast resolvers too.</summary>
    private static string HostLabel(string instanceName)
    {
        StringBuilder label = new();
        foreach (char c in instanceName)
            label.Append(char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        string trimmed = label.ToString().Trim('-');
        return trimmed.Length == 0 ? "host" : trimmed;
    }

    /// <summary>Shortens a name so that it fits a label with its suffix, never inside a character.</summary>
    private static string Suffixed(string name, string suffix)
    {
        if (suffix.Length == 0)
            return name;
        while (Encoding.UTF8.GetByteCount(name) > DnsLimits.LabelBytesMax - suffix.Length)
            name = name[..^(char.IsLowSurrogate(name[^1]) && name.Length > 1 ? 2 : 1)];
        return name + suffix;
    }
}
