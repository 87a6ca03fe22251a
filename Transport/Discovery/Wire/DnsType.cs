namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>The record types that service discovery needs; all others are skipped when read.</summary>
internal enum DnsType : ushort
{
    /// <summary>An IPv4 address (RFC 1035, 3.4.1).</summary>
    A = 1,

    /// <summary>A pointer to a name: from a service type to its instances (RFC 6763, 4.1).</summary>
    Ptr = 12,

    /// <summary>Strings, here <c>key=value</c> (RFC 6763, 6).</summary>
    Txt = 16,

    /// <summary>An IPv6 address (RFC 3596).</summary>
    Aaaa = 28,

    /// <summary>Host and port of a service (RFC 2782).</summary>
    Srv = 33,

    /// <summary>Which types exist at a name, in the restricted form of RFC 6762, 6.1. Written, never read.</summary>
    Nsec = 47,

    /// <summary>In questions only: every type.</summary>
    Any = 255,
}
