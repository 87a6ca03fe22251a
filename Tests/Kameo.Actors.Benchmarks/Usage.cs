using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Benchmarks;

/// <summary>What a process has used so far, and how many tells it has got.</summary>
public sealed class Usage
{
    private long _tells;

    /// <summary>One more tell has arrived. Any thread.</summary>
    public void AddTell() => Interlocked.Increment(ref _tells);

    /// <summary>What it is now.</summary>
    public UsageSample Sample() =>
        new(Environment.CpuUsage.TotalTime.TotalMicroseconds, GC.GetTotalAllocatedBytes(precise: false), Interlocked.Read(ref _tells), Stopwatch.GetTimestamp());
}

/// <summary>One reading of <see cref="Usage"/>.</summary>
/// <param name="CpuMicroseconds">User and system time of the process.</param>
/// <param name="AllocatedBytes">Bytes allocated by the process.</param>
/// <param name="Tells">Tells received.</param>
/// <param name="Timestamp">When, on the clock of its process.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct UsageSample(double CpuMicroseconds, long AllocatedBytes, long Tells, long Timestamp)
{
    /// <summary>As it travels between the benchmark's own processes.</summary>
    public byte[] ToBytes() => MemoryMarshal.AsBytes<UsageSample>([this]).ToArray();

    /// <summary>Reads it.</summary>
    public static UsageSample From(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<UsageSample>(bytes);
}
