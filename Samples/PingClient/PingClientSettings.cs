using Kameo.Actors.Transport;

namespace Samples.PingPong;

/// <summary>What the command line asked for.</summary>
internal sealed record PingClientSettings
{
    /// <summary><c>HOST:PORT</c>; null: look for the server.</summary>
    public string? Address { get; init; }

    /// <summary>Who the server must be.</summary>
    public PeerId? ServerId { get; init; }

    /// <summary>How many pings.</summary>
    public required int Count { get; init; }

    /// <summary>Between the starts of two pings of one caller.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>For finding the server, and for each answer.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How many callers.</summary>
    public required int InFlight { get; init; }

    /// <summary>Bytes each ping carries.</summary>
    public int PayloadBytes { get; init; }

    /// <summary>The secret of a closed cluster.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether to start a server first.</summary>
    public bool WithServer { get; init; }

    /// <summary>Whether to print JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Whether to log.</summary>
    public bool Verbose { get; init; }
}
