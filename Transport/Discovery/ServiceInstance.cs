using System.Net;

namespace Kameo.Actors.Transport.Discovery;

/// <summary>A DNS-SD service instance (RFC 6763), to be announced or as it was found. Immutable.</summary>
/// <param name="InstanceName">Its name as text, unescaped; at most 63 bytes of UTF-8. Found ones may hold any text: never trust it.</param>
/// <param name="ServiceType">Its type, such as <c>_kameo._tcp</c>; the domain is always <c>local</c>.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Addresses">Of a found one, in order of preference: loopback (it is on this machine), IPv4, IPv6, link-local ones last and with
/// their scope. Ignored when announced: each link is told its own addresses.</param>
/// <param name="Text">The pairs of its text record. Found keys compare without case.</param>
internal sealed record ServiceInstance(
    string InstanceName, string ServiceType, ushort Port, IReadOnlyList<IPAddress> Addresses, IReadOnlyDictionary<string, string> Text)
{
    /// <summary>Whether every part is equal, element by element.</summary>
    public bool SameAs(ServiceInstance other) =>
        InstanceName == other.InstanceName && ServiceType == other.ServiceType && Port == other.Port
        && Addresses.SequenceEqual(other.Addresses) && SameText(other);

    /// <summary>Whether both have the same pairs of text.</summary>
    public bool SameText(ServiceInstance other) =>
        Text.Count == other.Text.Count && Text.All(pair => other.Text.TryGetValue(pair.Key, out string? value) && value == pair.Value);
}
