using System.Globalization;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>What a client does again and again in a round.</summary>
internal enum WorkKind
{
    /// <summary>Asks an actor through its generated reference.</summary>
    TypedAsk,

    /// <summary>Asks bytes of a name with a handler.</summary>
    RawAsk,

    /// <summary>Tells an actor; counted where they arrive.</summary>
    Tell,

    /// <summary>Sends a payload and gets it back.</summary>
    Echo,

    /// <summary>Sends one stream for the whole round; counted in MiB, where they arrive.</summary>
    Bulk,

    /// <summary>One ask at a time and nothing else: what the next two are measured against.</summary>
    Ping,

    /// <summary>One ask at a time beside a stream as fast as it goes.</summary>
    PingBesideBulk,

    /// <summary>One ask at a time beside a stream held to half of what it did beside the last pings.</summary>
    PingBesideHalf,

    /// <summary>Opens a connection, gets one answer over it, closes it.</summary>
    Handshake,

    /// <summary>Asks within the process, all callers the same actor.</summary>
    LocalAsk,

    /// <summary>Asks within the process, each caller an actor of its own.</summary>
    LocalAskEach,

    /// <summary>Tells one actor within the process.</summary>
    LocalTell,
}

/// <summary>One round of one contender.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="InFlight">How many callers do it at a time; each message is timed when there is one.</param>
/// <param name="SizeBytes">Payload of a message.</param>
/// <param name="Duration">Nothing new is begun after it.</param>
internal sealed record Work(WorkKind Kind, int InFlight, int SizeBytes, TimeSpan Duration)
{
    /// <summary>The line that tells a client process to do it.</summary>
    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {InFlight} {SizeBytes} {(long)Duration.TotalMilliseconds}");

    /// <summary>Whether messages are timed one by one: all of a lone caller, of many local callers those of one.</summary>
    public bool IsTimed => InFlight == 1 || Kind is WorkKind.LocalAsk or WorkKind.LocalAskEach;

    /// <summary>Reads the line.</summary>
    public static Work Read(string line)
    {
        string[] words = line.Split(' ');
        return new Work(
            Enum.Parse<WorkKind>(words[0]),
            int.Parse(words[1], CultureInfo.InvariantCulture),
            int.Parse(words[2], CultureInfo.InvariantCulture),
            TimeSpan.FromMilliseconds(long.Parse(words[3], CultureInfo.InvariantCulture)));
    }
}
