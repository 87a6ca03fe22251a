using System.Net;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Discovery.Seeds;

namespace Kameo.Actors.Transport;

/// <summary>What is dialled from the start, and what names lead to.</summary>
public sealed partial class TransportNode
{
    private readonly List<SeedName> _seedNames = [];
    private NameLookup? _lookup;
    private OwnAddresses? _ownAddresses;
    private string? _advertisedAddress;

    /// <summary>Where peers are told to reach this node: the option, else the environment variable <c>KAMEO_ADVERTISED_ADDRESS</c>; null when neither says so. Does not change.</summary>
    public string? AdvertisedAddress => _advertisedAddress ??= Discovery.Seeds.AdvertisedAddress.Of(_options, LocalEndPoint ?? _options.Listen);

    /// <summary>What names are asked of.</summary>
    internal NameLookup AddressLookup => _lookup ??= new NameLookup(_options.DnsResolver ?? new SystemDnsResolver(), Limits.HandshakeTimeout, Clock.Provider);

    /// <summary>Whether a dial of this address would surely reach this node itself.</summary>
    internal bool IsOwnAddress(IPEndPoint address) => (_ownAddresses ??= new OwnAddresses(LocalEndPoint)).Contains(address);

    internal bool TryAddDialer(string key, Dialer dialer) => _dialers.Count < Limits.DialTargetsMax && _dialers.TryAdd(key, dialer);

    internal void RemoveDialer(string key, Dialer dialer) => _dialers.TryRemove(KeyValuePair.Create(key, dialer));

    internal void LogNameFailed(string seed, string why) => TransportLog.NameFailed(_logger, seed, why);

    internal void LogNameResolved(string seed, IReadOnlyList<IPEndPoint> found) =>
        TransportLog.NameResolved(_logger, seed, found.Count, string.Join(", ", found.Take(8).Select(AddressText.Of)) + (found.Count > 8 ? ", ..." : string.Empty));

    internal void LogTooManyDialTargets(string what) => TransportLog.TooManyDialTargets(_logger, Limits.DialTargetsMax, what);

    private void StartSeeds()
    {
        foreach (string seed in _options.Seeds.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            AddressText.TryParse(seed, out EndPoint? address);
            if (address is DnsEndPoint name)
            {
                var seedName = new SeedName(this, seed, name);
                _seedNames.Add(seedName);
                seedName.Start();
                continue;
            }

            var dialer = new Dialer(this, [address!], null);
            if (TryAddDialer(seed, dialer))
            {
                dialer.Start();
            }
        }
    }
}
