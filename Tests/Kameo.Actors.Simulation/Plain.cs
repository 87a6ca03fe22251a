using System.Globalization;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Simulation;

/// <summary>Views and messages in few words: nodes by number and the first digits of their incarnation, epochs by their last digits.</summary>
internal static class Plain
{
    /// <summary>An epoch without the unix seconds that it starts above.</summary>
    public static string Epoch(long epoch) => (epoch & 0xfffff).ToString(CultureInfo.InvariantCulture);

    /// <summary>A node of the simulation: its key begins with its number, counted from 256.</summary>
    public static string Id(MemberId id)
    {
        if (id.IsNone)
        {
            return "nobody";
        }

        byte[] key = id.Peer.ToByteArray();
        return string.Create(CultureInfo.InvariantCulture, $"n{((key[0] - 1) << 8) | key[1]}/{id.Incarnation}");
    }

    public static string Ids(IEnumerable<MemberId> ids) => string.Join(' ', ids.Select(Id));

    public static string View(View view) => $"{view.Cluster}@{Epoch(view.Epoch)} [{string.Join(' ', view.Members.Select(Member))}] stewards [{Ids(view.Stewards)}]";

    public static string Message(ViewMessage message) => message switch
    {
        Append append => $"Append term {append.Term} round {append.Round} after {append.PreviousIndex}.{append.PreviousTerm}{Base(append.Base)} [{Entries(append.Entries)}] agreed {append.Commit}",
        Feed feed => $"Feed after {feed.PreviousIndex}.{feed.PreviousTerm}{Base(feed.Base)} [{Entries(feed.Entries)}]",
        Join join => $"Join {Id(join.Newcomer.Id)}",
        JoinRefused refused => $"JoinRefused {Id(refused.Newcomer)} {refused.Reason}",
        Verdict verdict => $"Verdict by {Id(verdict.Accuser)}: {Id(verdict.Subject)} {verdict.Cause}",
        Accusation accusation => $"Accusation by {Id(accusation.Accuser)}",
        ProbeRequest request => $"ProbeRequest {Id(request.Subject)}",
        ProbeReply reply => $"ProbeReply {Id(reply.Subject)} {(reply.IsHeard ? "heard" : $"not heard for {reply.Silence.TotalMilliseconds:0} ms")}",
        _ => message.ToString().Replace(", IsForeign = False", string.Empty, StringComparison.Ordinal),
    };

    public static string Handoff(HandoffMessage message) => message switch
    {
        AskRelease ask => $"AskRelease in {Epoch(ask.Epoch)}: {Sections(ask.Sections)}",
        Released released => $"Released in {Epoch(released.Epoch)}: {Sections(released.Sections)}; {Records(released.Records)}",
        Recover recover => $"Recover in {Epoch(recover.Epoch)}: {Sections(recover.Sections)}",
        Recovered recovered => $"Recovered in {Epoch(recovered.Epoch)}: {Sections(recovered.Sections)}; {Records(recovered.Records)}",
        Flush flush => $"Flush {flush.Token} of {Id(flush.Origin)} in {Epoch(flush.Epoch)}: {string.Join('+', flush.Types)} {flush.Slot}",
        Flushed flushed => $"Flushed {flushed.Token} in {Epoch(flushed.Epoch)}: {string.Join('+', flushed.Types)} {flushed.Slot}",
        _ => message.ToString(),
    };

    private static string Sections(IEnumerable<SlotSection> sections) =>
        string.Join(", ", sections.Select(static one => $"{string.Join('+', one.Types)} {string.Join(' ', one.Ranges)}{(one.Acquired == 0 ? string.Empty : $" acquired {Epoch(one.Acquired)}")}{(one.IsForgotten ? " forgotten" : string.Empty)}"));

    private static string Records(IEnumerable<ActorRecord> records) =>
        string.Join(", ", records.Select(static one => $"{one.Id} on {Id(one.Host)}{(one.IsEnding ? " ending" : string.Empty)}{(one.Through.IsNone ? string.Empty : $" through {Id(one.Through)}")}"));

    private static string Member(Member member) => $"{Id(member.Id)}{(member.State == MemberState.Up ? string.Empty : $"({member.State})")}";

    private static string Base(LogPoint? point) => point is null ? string.Empty : $" from {Epoch(point.View.Epoch)} at {point.Index}.{point.Term}";

    private static string Entries(IReadOnlyList<LogEntry> entries) => string.Join("; ", entries.Select(Entry));

    private static string Entry(LogEntry entry)
    {
        if (entry.Change is not { } change)
        {
            return $"{entry.Index}.{entry.Term} {entry.Kind}{(entry.SettledEpoch == 0 ? string.Empty : $" {Epoch(entry.SettledEpoch)}")}";
        }

        string admitted = string.Concat(change.Admitted.Select(static one => $" +{Id(one.Id)}"));
        string raised = string.Concat(change.Raised.Select(static one => $" up {Id(one)}"));
        string leaving = string.Concat(change.Leaving.Select(static one => $" leaving {Id(one)}"));
        string removed = string.Concat(change.Removed.Select(static one => $" -{Id(one.Id)} {one.Cause}"));
        return $"{entry.Index}.{entry.Term}{admitted}{raised}{leaving}{removed}{(change.Stewards is { } stewards ? $" stewards {Ids(stewards)}" : string.Empty)}";
    }
}
