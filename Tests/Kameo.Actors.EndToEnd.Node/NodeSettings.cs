using System.Net;
using Kameo.Actors.EndToEnd.Node.Counting;
using Kameo.Actors.Transport;

namespace Kameo.Actors.EndToEnd.Node;

/// <summary>What the command line asked for.</summary>
internal sealed record NodeSettings
{
    public required IPEndPoint Listen { get; init; }

    public required IReadOnlyList<string> Seeds { get; init; }

    public required IReadOnlyList<PeerId> Founders { get; init; }

    public required string? KeyFile { get; init; }

    public required string? StateDirectory { get; init; }

    public required string? Secret { get; init; }

    public required string Cluster { get; init; }

    public required MembershipProfile Profile { get; init; }

    public required ReformPolicy Reform { get; init; }

    public required string? Advertise { get; init; }

    public required IPEndPoint? DnsServer { get; init; }

    public required bool Mdns { get; init; }

    public required bool IsClient { get; init; }

    /// <summary>The file of reports to the witness: with it the node hosts actors that count, or calls them if it is a client. Null for a node without actors.</summary>
    public required string? WitnessFile { get; init; }

    /// <summary>Whom to talk nonsense to; null to be a node.</summary>
    public required IPEndPoint? NonsenseTo { get; init; }

    public required bool Verbose { get; init; }

    /// <summary>The options of a node; who made the key disposes it.</summary>
    public TransportOptions ToOptions(SecretKey? key)
    {
        var membership = new MembershipOptions { StateDirectory = StateDirectory, Profile = Profile, Reform = Reform };
        foreach (PeerId founder in Founders)
        {
            membership.Founders.Add(founder);
        }

        var options = new TransportOptions
        {
            Trust = Secret is null ? TrustPolicy.Anyone() : TrustPolicy.Secret(Secret, Cluster),
            Key = key,
            ClusterName = Cluster,
            Listen = IsClient ? null : Listen,
            IsClient = IsClient,
            AdvertisedAddress = Advertise,
            DnsResolver = DnsServer is null ? null : new DnsServerResolver(DnsServer),
            Mdns = Mdns,
            Membership = membership,
        };
        foreach (string seed in Seeds)
        {
            options.Seeds.Add(seed);
        }

        return options;
    }

    /// <summary>The same for a node with actors.</summary>
    public ActorNodeOptions ToActorOptions(SecretKey? key)
    {
        TransportOptions transport = ToOptions(key);
        var options = new ActorNodeOptions
        {
            Trust = transport.Trust,
            Key = transport.Key,
            ClusterName = transport.ClusterName,
            Listen = transport.Listen,
            IsClient = transport.IsClient,
            AdvertisedAddress = transport.AdvertisedAddress,
            DnsResolver = transport.DnsResolver,
            Mdns = transport.Mdns,
            Membership = transport.Membership,
            AskTimeout = CountLoad.AskTimeout,
        };
        foreach (string seed in Seeds)
        {
            options.Seeds.Add(seed);
        }

        return options;
    }
}
