using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Simulation.Wire;

/// <summary>One envelope of each kind of message and log entry, with fixed contents.</summary>
internal static class WireSamples
{
    private static readonly ClusterId s_cluster = new(0x0102030405060708, 0x1112131415161718);
    private static readonly MemberId s_first = Id(1);
    private static readonly MemberId s_second = Id(2);
    private static readonly MemberId s_third = Id(3);

    private static readonly Member s_member = new()
    {
        Id = s_third,
        Address = "10.0.0.3:4711",
        JoinIndex = 7,
        Weight = 2,
        Labels = ["zone=a"],
        HostedTypes = ["Sample.IPing", "Sample.IPong"],
        State = MemberState.Leaving,
    };

    private static readonly LogPoint s_base = new(5, 2, null,
        new View(s_cluster, 99, 8, waitsFirst: true, [s_member with { Id = s_first, State = MemberState.Up }, s_member], [s_first]), new Electorate([s_first], [s_first, s_second, s_third]));

    private static readonly LogEntry[] s_entries =
    [
        new(6, 2, LogEntryKind.Opening),
        new(7, 2, LogEntryKind.Change, new ViewChange
        {
            Admitted = [s_member with { State = MemberState.Joining, JoinIndex = 0 }],
            Raised = [s_first],
            Leaving = [s_second],
            Removed = [new Departure(s_third, DepartureCause.Silent)],
            Stewards = [s_first, s_second, s_third],
        }),
        new(8, 3, LogEntryKind.StewardsFinal),
        new(9, 3, LogEntryKind.Settled, SettledEpoch: 98),
        new(10, 3, LogEntryKind.Change, new ViewChange()),
    ];

    /// <summary>What a state directory holds.</summary>
    public static StewardState State { get; } = new(s_first, 4, s_second, s_base, s_entries, 8);

    /// <summary>The samples by name.</summary>
    public static IEnumerable<(string Name, Envelope Envelope)> All() => Messages().Select(static message => (message.GetType().Name, new Envelope(s_cluster, 1 << 20, s_first, s_second, message)));

    private static ViewMessage[] Messages() =>
    [
        new VoteRequest(3, 9, 2, IsPreliminary: true, IsTransfer: false),
        new VoteReply(3, IsGranted: true, IsPreliminary: false),
        new Append(3, 17, s_base, 5, 2, s_entries, 8),
        new AppendReply(3, 17, IsAccepted: false, 4),
        new TimeoutNow(3),
        new Fetch(5, 2),
        new Feed(null, 5, 2, s_entries),
        new Renew([new Renewal(s_second, TimeSpan.FromMilliseconds(1234), 97), new Renewal(s_third, TimeSpan.FromDays(-1), 0)]),
        new Grant(99, [new LeaseGrant(s_second, TimeSpan.FromMilliseconds(1234))]),
        Ping.Instance,
        Pong.Instance,
        new Accusation(s_third),
        new ProbeRequest(s_third),
        new ProbeReply(s_third, IsHeard: false, TimeSpan.FromMilliseconds(700)),
        new Verdict(s_first, s_third, DepartureCause.Killed),
        Evicted.Instance,
        new Seek(3),
        new SeekReply(3, ["10.0.0.1:4711", "[::1]:4711"]),
        new Join(s_member),
        new JoinRefused(s_third, JoinRefusal.KeyInUse),
        new Leave(s_third),
        new Dissolve(new ClusterId(1, 2), ["10.0.0.9:4711"]),
        new ReformAsk(s_cluster, 99),
        new ReformAnswer(s_cluster, MayReform: true, IsOut: false),
        new Abandon(s_cluster, 99, IsOrder: true),
    ];

    private static MemberId Id(byte number)
    {
        Span<byte> key = stackalloc byte[PeerId.Bytes];
        key.Fill(number);
        return new MemberId(new PeerId(key), new Incarnation(0xabcdef0000000000 + number));
    }
}
