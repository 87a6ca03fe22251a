namespace Kameo.Actors.Transport.Registry;

/// <summary>How often the registry speaks. Defaults for a LAN, each with where it comes from.</summary>
internal sealed record RegistryTiming
{
    /// <summary>What <see cref="RegistryCore.NextDeadline"/> is when nothing is planned.</summary>
    public static readonly TimeSpan Never = TimeSpan.MaxValue;

    /// <summary>From a change, made here or heard of, to the round that carries it, if the last round is long enough ago. Default 20 ms: names registered one after the other travel together.</summary>
    public TimeSpan GossipDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Between rounds while anything is new. Default 100 ms: bounds what a node gossips each second; three rounds reach five nodes within the 300 ms aimed at, whatever else is new.</summary>
    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Peers told in each round. Default 3, as in SWIM's and memberlist's LAN profiles.</summary>
    public int Fanout { get; init; } = 3;

    /// <summary>Between the digests that a node starts, each to one random peer; spread by a tenth both ways. Default 1 s: idle cost does not depend on the number of nodes, a loss is found within a few seconds.</summary>
    public TimeSpan DigestInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From the end of a sync that found differences to the next digest. Default 50 ms: a newcomer goes on until nothing differs.</summary>
    public TimeSpan CatchUpInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long an answer to a pull is awaited. Default 1 s; the writer is then asked for elsewhere.</summary>
    public TimeSpan PullTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two questions to a member that has not acknowledged what somebody waits for. Default 250 ms.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Members asked at once; the next ones after <see cref="ProbePace"/>. Default 64.</summary>
    public int ProbesAtOnce { get; init; } = 64;

    /// <summary>Between two batches of such questions. Default 10 ms: a thousand members are asked within 160 ms.</summary>
    public TimeSpan ProbePace { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a writer whose entries found no room is left alone. Default 30 s.</summary>
    public TimeSpan FullRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Rounds in which a node tells what is new to it: with (1 + ln n / fanout) rounds of <see cref="Fanout"/> each, the expected number of members that no rumour reaches is below e^-fanout, 5 %; digests find those.</summary>
    public int RoundsFor(int members) => 1 + (int)Math.Ceiling(Math.Log(Math.Max(members, 1)) / Fanout);
}
