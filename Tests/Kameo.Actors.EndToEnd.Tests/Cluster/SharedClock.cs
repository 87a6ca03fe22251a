using System.Runtime.InteropServices;

namespace Kameo.Actors.EndToEnd.Tests.Cluster;

/// <summary>The clock that counts sleep, the same for all processes of this machine: the one that leases are counted on.</summary>
internal static class SharedClock
{
    private const int BootTime = 7;

    /// <summary>Milliseconds since the machine was started.</summary>
    public static double Now
    {
        get
        {
            Assert.Equal(0, GetTime(BootTime, out Timespec time));
            return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
        }
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
