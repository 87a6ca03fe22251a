using Orleans;

namespace Samples.PingPong;

/// <summary>What the server answers. The whole contract: both programs reference it and nothing of each other.</summary>
public interface IPing : IGrainWithStringKey
{
    /// <summary>Counts a ping.</summary>
    ValueTask<Pong> Ping(Ping message);
}

/// <summary>A ping.</summary>
/// <param name="Sequence">Which one of its client, from 1.</param>
/// <param name="Greeting">A line of text.</param>
/// <param name="Payload">Bytes that only take room.</param>
public sealed record Ping(long Sequence, string Greeting, byte[] Payload);

/// <summary>The answer.</summary>
/// <param name="Sequence">Of the ping.</param>
/// <param name="Count">How many pings the server has counted since it started.</param>
public sealed record Pong(long Sequence, long Count);
