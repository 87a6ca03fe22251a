using Kameo.Actors.Transport.Discovery.Wire;

namespace Kameo.Actors.Transport.Discovery.Mdns;

/// <summary>A record that this node announces on one link, and when it last did.</summary>
internal sealed class OwnRecord(DnsRecord record, bool isShared)
{
    public DnsRecord Record { get; } = record;

    /// <summary>Whether other nodes may have records of the same name and type; if not, the name is ours alone.</summary>
    public bool IsShared { get; } = isShared;

    /// <summary>When it was last multicast on the link; null if never.</summary>
    public TimeSpan? MulticastAt { get; set; }

    /// <summary>From when on it may be multicast again.</summary>
    public TimeSpan FreeAt(TimeSpan interval) => MulticastAt is { } at ? at + interval : TimeSpan.Zero;
}
