using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Leases;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Slots;

/// <summary>
/// What slots need to know of the view log at the moment when a view is installed: every view from the settled one on, and until when those who are gone since may still hold a lease. Immutable, so that the thread of
/// views can hand it to that of slots.
/// </summary>
internal sealed class ViewHistory
{
    private readonly Dictionary<MemberId, TimeSpan> _clearAt;

    /// <param name="views">The views from the settled one to the installed one, oldest first.</param>
    /// <param name="clearAt">When the lease of each who departed since has surely ended, on this node's clock.</param>
    /// <param name="startsAt">When leases of a cluster that this one re-formed have surely ended.</param>
    public ViewHistory(IReadOnlyList<View> views, Dictionary<MemberId, TimeSpan> clearAt, TimeSpan startsAt)
    {
        Views = views;

        // A newcomer may be admitted again as the same incarnation if it never knew of the first time: then it is a member, and has nothing to answer for.
        _clearAt = clearAt.Keys.Any(id => Installed.Contains(id)) ? clearAt.Where(gone => !Installed.Contains(gone.Key)).ToDictionary() : clearAt;
        StartsAt = startsAt;
    }

    /// <summary>The views from the settled one to the installed one, oldest first.</summary>
    public IReadOnlyList<View> Views { get; }

    /// <summary>The installed view.</summary>
    public View Installed => Views[^1];

    /// <summary>The settled epoch as known here.</summary>
    public long SettledEpoch => Views[0].Epoch;

    /// <summary>When leases of a cluster that this one re-formed have surely ended; long ago for any other cluster.</summary>
    public TimeSpan StartsAt { get; }

    /// <summary>Those who departed since the settled view.</summary>
    public IReadOnlyCollection<MemberId> Departed => _clearAt.Keys;

    /// <summary>Of a node that is no member: it follows one view after the other, and owns nothing in any.</summary>
    public static ViewHistory Of(View followed) => new([followed], [], ViewTiming.LongAgo);

    /// <summary>The same, when it is agreed that a view of it is settled: W has passed since every eviction up to that one, so nobody who departed before it has a lease.</summary>
    public ViewHistory SettledTo(long epoch)
    {
        View[] since = [.. Views.Where(view => view.Epoch >= epoch)];
        return since.Length == Views.Count || since.Length == 0 ? this
            : new ViewHistory(Views, _clearAt.ToDictionary(static gone => gone.Key, gone => Array.Exists(since, view => view.Contains(gone.Key)) ? gone.Value : ViewTiming.LongAgo), ViewTiming.LongAgo);
    }

    /// <summary>The same with other views, epoch by epoch.</summary>
    public ViewHistory With(IReadOnlyList<View> views) => new(views, _clearAt, StartsAt);

    /// <summary>
    /// Takes it from the core of views when <see cref="InstalledOutput"/> is taken, on the thread of that core. It is of the newest view, so if several outputs were waiting, all but the first bring nothing new; and none is
    /// to be used that lacks the node itself, whose life has ended then.
    /// </summary>
    public static ViewHistory Of(ViewCore core)
    {
        ViewLog log = core.Log;
        Takeover takeover = core.Takeover;
        List<View> views = [log.Base.View];
        Dictionary<MemberId, TimeSpan> clearAt = [];
        for (long index = log.Base.Index + 1; index <= log.CommitIndex; index++)
        {
            LogPoint point = log.At(index);
            if (point.View.Epoch != views[^1].Epoch)
            {
                views.Add(point.View);
            }

            if (point.Entry?.Change is { Removed.Count: > 0 } change)
            {
                foreach (Departure departure in change.Removed)
                {
                    clearAt[departure.Id] = takeover.ClearAt(departure);
                }
            }
        }

        return new ViewHistory(views, clearAt, takeover.ReformClearAt);
    }

    /// <summary>Whether a node departed since the settled view: it is refused whatever it says.</summary>
    public bool IsDeparted(in MemberId id) => _clearAt.ContainsKey(id);

    /// <summary>When the lease of a node has surely ended: long ago of one that left, or departed before the settled view; the end of time of a member.</summary>
    public TimeSpan ClearAt(in MemberId id) =>
        Installed.Contains(id) ? TimeSpan.MaxValue : _clearAt.GetValueOrDefault(id, ViewTiming.LongAgo);
}
