namespace Samples.PingPong;

/// <summary>The count as the console shows it: written in the actor's turns, read by the console.</summary>
public sealed class PingTally
{
    private long _count;

    /// <summary>Pings counted so far.</summary>
    public long Count
    {
        get => Volatile.Read(ref _count);
        set => Volatile.Write(ref _count, value);
    }
}
