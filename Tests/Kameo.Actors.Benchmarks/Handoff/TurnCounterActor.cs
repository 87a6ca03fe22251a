using Orleans;

namespace Kameo.Actors.Benchmarks.Handoff;

/// <summary>What the load of the hand-off calls.</summary>
public interface ITurnCounter : IGrainWithIntegerKey
{
    /// <summary>Counts a turn.</summary>
    /// <returns>Which activation this is, unlike any other of all processes; its fence; and the how manieth of its turns it was, from 1.</returns>
    ValueTask<(long Activation, long Fence, long Turn)> Count();
}

/// <summary>The actor. It keeps nothing when it moves: the next activation counts from 1.</summary>
public sealed class TurnCounterActor : Actor, ITurnCounter
{
    private static long s_activations;
    private static long s_turns;

    private readonly long _activation = ((long)Environment.ProcessId << 32) | Interlocked.Increment(ref s_activations);
    private long _turns;

    /// <summary>Turns that ran in this process, of all of them.</summary>
    public static long Turns => Interlocked.Read(ref s_turns);

    /// <summary>The process of an activation.</summary>
    public static int ProcessOf(long activation) => (int)(activation >> 32);

    public ValueTask<(long Activation, long Fence, long Turn)> Count()
    {
        Interlocked.Increment(ref s_turns);
        return new((_activation, Context.Fence, ++_turns));
    }
}
