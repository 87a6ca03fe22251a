namespace Kameo.Actors.Collection;

/// <summary>How much of the memory that the process may use is in use.</summary>
/// <param name="UsedPercent">In percent of what is available to it: of the machine, or of its container's limit.</param>
/// <param name="Generation">Changes with each new measurement.</param>
internal readonly record struct MemoryReading(double UsedPercent, long Generation)
{
    /// <summary>What the garbage collector saw when it last ran.</summary>
    public static MemoryReading OfLastCollection()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        return new MemoryReading(info.TotalAvailableMemoryBytes > 0 ? 100.0 * info.MemoryLoadBytes / info.TotalAvailableMemoryBytes : 0, info.Index);
    }
}
