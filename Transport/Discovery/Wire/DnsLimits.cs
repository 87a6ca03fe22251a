namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>What a DNS message may hold before it is refused whole.</summary>
internal static class DnsLimits
{
    /// <summary>The largest multicast DNS message, headers of IP and UDP included (RFC 6762, 17).</summary>
    public const int MessageBytesMax = 9000;

    /// <summary>A name on the wire, lengths and the closing zero included (RFC 1035, 3.1).</summary>
    public const int NameBytesMax = 255;

    /// <summary>One label (RFC 1035, 3.1).</summary>
    public const int LabelBytesMax = 63;

    /// <summary>Compression pointers followed in one name. Each must point backwards, so this bounds work, not correctness.</summary>
    public const int PointersMax = 32;

    /// <summary>Questions in one message: 17 times what a browser of one service asks, and little to answer.</summary>
    public const int QuestionsMax = 64;

    /// <summary>Records of all sections of one message: a full 9,000 bytes of service pointers, about 20 bytes each when compressed.</summary>
    public const int RecordsMax = 512;

    /// <summary>The text record of a service (RFC 6763, 6.2: should stay under 1,300 bytes to fit one Ethernet packet).</summary>
    public const int TextBytesMax = 1300;
}
