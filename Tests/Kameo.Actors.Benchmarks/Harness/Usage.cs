using System.Globalization;

namespace Kameo.Actors.Benchmarks.Harness;

/// <summary>What a process has used so far; its line is "CPU-MICROSECONDS ALLOCATED-BYTES".</summary>
/// <param name="CpuMicroseconds">User and system time of all its threads.</param>
/// <param name="AllocatedBytes">Bytes allocated on the managed heap; 0 in a program without one.</param>
internal readonly record struct Usage(double CpuMicroseconds, long AllocatedBytes)
{
    /// <summary>This process's, with what its threads have allocated to the byte.</summary>
    public static Usage Current => new(Environment.CpuUsage.TotalTime.TotalMicroseconds, GC.GetTotalAllocatedBytes(precise: true));

    public static Usage operator -(Usage after, Usage before) =>
        new(after.CpuMicroseconds - before.CpuMicroseconds, after.AllocatedBytes - before.AllocatedBytes);

    /// <summary>The first two words of a line.</summary>
    public static Usage Read(ReadOnlySpan<string> words) =>
        new(double.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CpuMicroseconds:0} {AllocatedBytes}");
}
