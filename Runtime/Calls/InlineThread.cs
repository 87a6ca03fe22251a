using System.Runtime.CompilerServices;
using Kameo.Actors.Transport;

namespace Kameo.Actors.Calls;

/// <summary>What a thread knows of the local asks that run on its stack. Used by that thread alone, so nothing here is shared or ordered.</summary>
internal sealed class InlineThread
{
    /// <summary>Most asks on one stack, one inside of the other.</summary>
    public const int DepthMax = 8;

    /// <summary>Most asks that run on a thread's stack before it has to queue one: so a caller in a loop gives the pool a chance.</summary>
    public const int RunsMax = 256;

    /// <summary>One run of a method in so many is timed on each thread, the first one among them.</summary>
    private const int RunsPerSample = 32;

    private const int Slots = 64;

    [ThreadStatic]
    private static InlineThread? t_current;

    /// <summary>Its last reading of the clock of leases, for asks on its stack.</summary>
    public ClockGlance Glance;

    /// <summary>Runs by method, modulo. Methods that share a slot share its samples.</summary>
    private readonly byte[] _runsOfMethods = new byte[Slots];

    /// <summary>This thread's.</summary>
    public static InlineThread Current => t_current ??= new InlineThread();

    /// <summary>How many run on the stack now.</summary>
    public int Depth { get; set; }

    /// <summary>How many have begun since this thread last queued a local ask.</summary>
    public int Runs { get; set; }

    /// <summary>Whether one more may.</summary>
    public bool HasRoom => Depth < DepthMax && Runs < RunsMax;

    /// <summary>Counts a run of a method.</summary>
    /// <returns>Whether it is to be timed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsSample(int method) => (_runsOfMethods[method & (Slots - 1)]++ & (RunsPerSample - 1)) == 0;
}
