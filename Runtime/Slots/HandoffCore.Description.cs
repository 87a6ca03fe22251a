using System.Text;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots;

/// <summary>What slots wait for, for people.</summary>
internal sealed partial class HandoffCore
{
    /// <summary>Slots that wait for something or hold something, one line each.</summary>
    /// <param name="now">The time.</param>
    /// <param name="max">Of so many at most.</param>
    public IEnumerable<string> DescribeUnsteady(TimeSpan now, int max)
    {
        // What somebody waits for comes first: of slots that only keep something there can be very many.
        IEnumerable<SlotCell> keeping = _work.Where(static cell => !IsWaiting(cell) && (cell.Guests.Count > 0 || cell.Records.Count > 0));
        return [.. _work.Where(IsWaiting).Concat(keeping).Take(max).Select(cell => Describe(now, cell))];
    }

    private static bool IsWaiting(SlotCell cell) =>
        cell.IsAwaiting || cell.IsLettingGo || cell.IsHolding || cell.Held.Count > 0 || cell.Endings.Count > 0
        || cell.Records.Values.Any(static directions => directions.IsEnding || directions.IsFlushing || directions.Held.Count + directions.Returned.Count > 0);

    private static string Describe(TimeSpan now, SlotCell cell)
    {
        StringBuilder text = new($"slot {cell.Slot} of {cell.Group}:");
        if (cell.IsAwaiting)
        {
            text.Append($" awaited of [{Names(cell.Waits.Keys)}], gone [{Names(cell.Gone.Keys)}], recovering from [{Names(cell.Recovering)}], clear in {Math.Max(0, (cell.ClearAt - now).TotalSeconds):0.0} s, {cell.Held.Count} held;");
        }

        if (cell.IsLettingGo)
        {
            text.Append(" is let go;");
        }

        if (cell.IsHolding)
        {
            text.Append($" flushes through {cell.Via} for {(now - cell.FlushedSince).TotalSeconds:0.0} s (until {cell.HoldsUntil}), {cell.Outgoing.Count} held;");
        }

        foreach ((ActorId id, Directions directions) in cell.Records.Take(4))
        {
            text.Append($" {id.Key} at {directions.Host}");
            text.Append(directions.Through.IsNone ? string.Empty : $" through {directions.Through}");
            text.Append(directions.IsEnding ? $" ending ({directions.CloseNumber})" : string.Empty);
            text.Append($" {directions.Held.Count}+{directions.Returned.Count} held;");
        }

        if (cell.Guests.Count > 0)
        {
            text.Append($" guests [{string.Join(' ', cell.Guests.Take(4).Select(static guest => $"{guest.Key.Key}{(guest.Value.IsDraining ? " draining" : string.Empty)}"))}];");
        }

        if (cell.Endings.Count > 0)
        {
            text.Append($" ended [{string.Join(' ', cell.Endings.Take(4).Select(static id => id.Key))}];");
        }

        return text.ToString();
    }

    private static string Names(IEnumerable<MemberId> members) => string.Join(' ', members);
}
