using Kameo.Actors;

namespace Samples.PingPong;

/// <summary>Counts pings for as long as the server lives.</summary>
/// <param name="tally">Where the server's console reads the count.</param>
[KeepAlive]
public sealed class PingActor(PingTally tally) : Actor, IPing
{
    private long _count;

    /// <inheritdoc/>
    public ValueTask<Pong> Ping(Ping message)
    {
        tally.Count = ++_count;
        return new(new Pong(message.Sequence, _count));
    }
}
