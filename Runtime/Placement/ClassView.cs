using System.Runtime.CompilerServices;
using Kameo.Actors.Slots;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Placement;

/// <summary>Views as slots see them: what a member hosts is classes. (In the agreed view each class stands with the interfaces that it answers, see <see cref="HostedClass"/>.)</summary>
/// <remarks>Members and views are mapped once for as long as they live, so that views in which the same members host the same share what is computed of them.</remarks>
internal sealed class ClassView
{
    private readonly ConditionalWeakTable<View, View> _views = [];
    private readonly ConditionalWeakTable<IReadOnlyList<string>, Types> _types = [];
    private readonly ConditionalWeakTable<IReadOnlyList<string>, Types> _typesOfClasses = [];

    /// <summary>A history of such views. The control thread.</summary>
    public ViewHistory Of(ViewHistory agreed) => agreed.With([.. agreed.Views.Select(Of)]);

    /// <summary>What a member of such a view hosts, with interfaces. Any thread.</summary>
    public HostedTypes HostedBy(Member member) => _typesOfClasses.TryGetValue(member.HostedTypes, out Types? types) ? types.Hosted : HostedTypes.None;

    private View Of(View agreed)
    {
        if (!_views.TryGetValue(agreed, out View? view))
        {
            view = new View(agreed.Cluster, agreed.Epoch, agreed.NextJoinIndex, agreed.WaitsFirst, [.. agreed.Members.Select(Of)], agreed.Stewards);
            _views.Add(agreed, view);
        }

        return view;
    }

    private Member Of(Member member)
    {
        if (!_types.TryGetValue(member.HostedTypes, out Types? types))
        {
            var hosted = new HostedTypes([.. member.HostedTypes.Select(HostedClass.Parse)]);
            types = new Types(hosted, [.. hosted.Classes.Select(static one => one.Name)]);
            _types.Add(member.HostedTypes, types);
            _typesOfClasses.Add(types.Names, types);
        }

        return member with { HostedTypes = types.Names };
    }

    private sealed record Types(HostedTypes Hosted, IReadOnlyList<string> Names);
}
