using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Maps;

/// <summary>
/// Who owns each slot of each actor type in one view: computed from the view alone, the same on every node. Members that are joining or leaving own nothing. Types with the same hosts share one table, and a map takes
/// over the tables of the map before as far as hosts are the same.
/// </summary>
/// <remarks>Immutable. Slots x hosts hashes for each different set of hosts: 4,096 slots and 100 hosts take about 2 ms.</remarks>
internal sealed class SlotMap
{
    private readonly Dictionary<string, SlotTable> _tables = new(StringComparer.Ordinal);
    private readonly SlotTable _nobody;

    private SlotMap(View view, int slots)
    {
        View = view;
        _nobody = SlotTable.Nobody(slots);
    }

    /// <summary>The view.</summary>
    public View View { get; }

    /// <summary>The types that somebody hosts.</summary>
    public IReadOnlyCollection<string> Types => _tables.Keys;

    /// <summary>The owners of a type's slots; one without owners if nobody hosts it.</summary>
    public SlotTable this[string type] => _tables.GetValueOrDefault(type, _nobody);

    /// <summary>Computes the map of a view.</summary>
    /// <param name="view">The view.</param>
    /// <param name="slots">How many slots there are.</param>
    /// <param name="before">A map whose tables may be used again.</param>
    public static SlotMap Of(View view, int slots, SlotMap? before = null)
    {
        SlotMap map = new(view, slots);
        Dictionary<string, List<Member>> hosts = new(StringComparer.Ordinal);
        foreach (Member member in view.Members)
        {
            foreach (string type in member.HostedTypes)
            {
                if (!hosts.TryGetValue(type, out List<Member>? list))
                {
                    hosts.Add(type, list = []);
                }

                if (member.State == MemberState.Up && member.Weight > 0)
                {
                    list.Add(member);
                }
            }
        }

        List<SlotTable> tables = [];
        foreach ((string type, List<Member> list) in hosts)
        {
            SlotTable? table = tables.Find(known => known.IsOf(list));
            if (table is null)
            {
                SlotTable? former = before?[type];
                table = former is not null && former.Slots == slots && former.IsOf(list) ? former : SlotTable.Of(list, slots);
                tables.Add(table);
            }

            map._tables.Add(type, table);
        }

        return map;
    }
}
