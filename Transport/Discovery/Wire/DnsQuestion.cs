namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>One question of class IN or ANY.</summary>
/// <param name="Name">What is asked about.</param>
/// <param name="Type">Which records; <see cref="DnsType.Any"/> for all. May be a number this code has no name for.</param>
/// <param name="UnicastResponse">That the answer may come to the asker alone (RFC 6762, 5.4).</param>
internal readonly record struct DnsQuestion(DnsName Name, DnsType Type, bool UnicastResponse = false)
{
    /// <summary>Whether a record of this name and type answers the question.</summary>
    public bool Matches(DnsName name, DnsType type) => (Type == type || Type == DnsType.Any) && Name.Equals(name);
}
