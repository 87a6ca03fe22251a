using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport;

/// <summary>The clock of leases: rises also while the machine sleeps, so that a lease ends in time whatever happens to the machine. About 25 ns a reading.</summary>
/// <remarks>
/// Linux <c>CLOCK_BOOTTIME</c>, macOS <c>mach_continuous_time</c>, Windows <c>QueryInterruptTimePrecise</c>. With any provider but the system's it is that provider's timestamps. Snapshots of a virtual machine that are
/// brought back to life are outside of what it sees; the fence covers them.
/// </remarks>
/// <param name="provider">The node's time.</param>
internal sealed unsafe partial class SleepClock(TimeProvider provider)
{
    private const int LinuxBootTime = 7;
    private const int LinuxRealTimeCoarse = 5;

    /// <summary>The thread's last reading of the system's clock, but for who keeps one; all instances read the same one.</summary>
    [ThreadStatic]
    private static ClockGlance t_last;

    private readonly bool _isSystem = ReferenceEquals(provider, TimeProvider.System);
    private readonly double _ticksPerMachUnit = OperatingSystem.IsMacOS() ? ReadTimebase() : 1;

    /// <summary>The provider behind it.</summary>
    public TimeProvider Provider => provider;

    /// <summary>Whether deadlines can be waited for by the system's own time-outs.</summary>
    public bool IsSystem => _isSystem;

    /// <summary>A fresh reading: ticks of 100 ns since some fixed moment; never falls.</summary>
    public long Ticks => _isSystem ? ReadSystem() : ReadProvider();

    /// <summary>The same as a span.</summary>
    public TimeSpan Now => new(Ticks);

    /// <summary>Whether a moment is still to come: what comparing it with <see cref="Ticks"/> says, for less (<see cref="ClockGlance"/>: Linux).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsBefore(long moment) => _isSystem && OperatingSystem.IsLinux() ? IsBeforeOnLinux(moment, ref t_last) : Ticks < moment;

    /// <summary>The same for who keeps the thread's last reading for itself, and saves looking for it.</summary>
    /// <param name="moment">The moment.</param>
    /// <param name="last">This thread's alone.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsBefore(long moment, ref ClockGlance last) => _isSystem && OperatingSystem.IsLinux() ? IsBeforeOnLinux(moment, ref last) : Ticks < moment;

    private long ReadSystem() =>
        OperatingSystem.IsLinux() ? ReadLinux() :
        OperatingSystem.IsMacOS() ? (long)(ReadMac() * _ticksPerMachUnit) :
        OperatingSystem.IsWindows() ? ReadWindows() : ReadProvider();

    // Each platform's call in a method of its own that is not inlined: the target of a call without a GC transition is looked up when the method that contains it is compiled, and the others are not there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadLinux()
    {
        Timespec time;
        return ClockGetTime(LinuxBootTime, &time) == 0 ? ((long)time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100) : ReadProvider();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsBeforeOnLinux(long moment, ref ClockGlance last)
    {
        Timespec time;
        if (ClockGetTime(LinuxRealTimeCoarse, &time) != 0)
        {
            return ReadLinux() < moment;
        }

        long coarse = ((long)time.Seconds * TimeSpan.TicksPerSecond) + (long)((ulong)time.Nanoseconds / 100);
        return last.IsBefore(moment, coarse) || IsBeforeByReading(moment, coarse, ref last);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsBeforeByReading(long moment, long coarse, ref ClockGlance last)
    {
        long now = ReadLinux();
        last.Keep(coarse, now);
        return now < moment;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ReadMac() => MachContinuousTime();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long ReadWindows()
    {
        ulong time;
        QueryInterruptTimePrecise(&time);
        return (long)time;
    }

    private long ReadProvider() => provider.GetElapsedTime(0, provider.GetTimestamp()).Ticks;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double ReadTimebase()
    {
        Timebase timebase;
        return MachTimebaseInfo(&timebase) == 0 ? (double)timebase.Numerator / timebase.Denominator / 100 : 0.01;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int ClockGetTime(int clock, Timespec* time);

    [LibraryImport("libSystem", EntryPoint = "mach_continuous_time")]
    [SuppressGCTransition]
    private static partial ulong MachContinuousTime();

    [LibraryImport("libSystem", EntryPoint = "mach_timebase_info")]
    private static partial int MachTimebaseInfo(Timebase* timebase);

    [LibraryImport("api-ms-win-core-realtime-l1-1-1", EntryPoint = "QueryInterruptTimePrecise")]
    [SuppressGCTransition]
    private static partial void QueryInterruptTimePrecise(ulong* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        // time_t and long of the C library's clock_gettime: 32 bits each on 32-bit Linux.
        public nint Seconds;
        public nint Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timebase
    {
        public uint Numerator;
        public uint Denominator;
    }
}
