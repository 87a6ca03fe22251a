namespace Kameo.Actors.Transport.Tls;

/// <summary>The lanes' names in ALPN (RFC 7301).</summary>
internal static class LaneNames
{
    /// <summary>The name, behind a byte of its length.</summary>
    public static ReadOnlySpan<byte> WireName(Lane lane) => lane == Lane.Control ? "\u000fkameo-control/1"u8 : "\u0007kameo/1"u8;
}
