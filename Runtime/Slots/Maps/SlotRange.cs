namespace Kameo.Actors.Slots.Maps;

/// <summary>Slots that follow each other: how frames name many of them.</summary>
/// <param name="First">The first.</param>
/// <param name="Count">How many, above zero.</param>
internal readonly record struct SlotRange(int First, int Count)
{
    /// <summary>The slot behind the last.</summary>
    public int End => First + Count;

    /// <summary>Makes as few ranges as name the slots.</summary>
    /// <param name="slots">The slots, rising.</param>
    public static List<SlotRange> Of(IEnumerable<int> slots)
    {
        List<SlotRange> ranges = [];
        foreach (int slot in slots)
        {
            if (ranges.Count > 0 && ranges[^1].End == slot)
            {
                ranges[^1] = ranges[^1] with { Count = ranges[^1].Count + 1 };
            }
            else
            {
                ranges.Add(new SlotRange(slot, 1));
            }
        }

        return ranges;
    }

    /// <summary>The slots of ranges.</summary>
    public static IEnumerable<int> SlotsOf(IReadOnlyList<SlotRange> ranges)
    {
        foreach (SlotRange range in ranges)
        {
            for (int slot = range.First; slot < range.End; slot++)
            {
                yield return slot;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Count == 1 ? $"{First}" : $"{First}-{End - 1}";
}
