using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Wire;

/// <summary>One message of hand-off of each kind, with fixed contents.</summary>
internal static class HandoffSamples
{
    private static readonly MemberId s_first = Id(1);
    private static readonly MemberId s_second = Id(2);
    private static readonly ActorId s_actor = new("Sample.Ping", ActorKey.Of("server"));
    private static readonly SlotSection[] s_sections =
    [
        new(["Sample.Ping", "Sample.Pong"], [new SlotRange(0, 1), new SlotRange(7, 4089)], 1 << 21, IsForgotten: true),
        new(["Sample.Other"], []),
    ];

    private static readonly ActorRecord[] s_records =
    [
        new(s_actor, 17, s_first, 1 << 20, s_second, IsEnding: false),
        new(new ActorId("Sample.Ping", ActorKey.Of(-4)), 18, s_second, 0, default, IsEnding: true),
    ];

    /// <summary>The samples.</summary>
    public static HandoffMessage[] All() =>
    [
        new AskRelease(1 << 21, s_sections),
        new Released(1 << 21, 5, 2, IsLast: true, s_sections, s_records),
        new Superseded(1 << 21),
        new Recover(1 << 21, s_sections),
        new Recovered(1 << 21, 6, 0, IsLast: false, [], s_records),
        new Flush(1 << 21, ["Sample.Ping"], 17, s_first, 99, 16),
        new Flushed(1 << 21, ["Sample.Ping"], 17, 99),
        new FlushRecord(1 << 21, s_actor, 17, s_first, s_second, Id(3)),
        new RecordFlushed(1 << 21, s_actor, 17, s_first),
        new Place(1 << 21, s_actor, 17, 1 << 20),
        new End(1 << 21, s_actor, 17),
        new Absent(1 << 21, s_actor, 17),
        new Unregister(1 << 21, s_actor, 17, s_first, 16),
        new Last(1 << 21, s_actor, 17, 3),
        new Closed(1 << 21, s_actor, 17, s_first, s_second, 3, IsHere: false, 15),
        new Moved(1 << 21, "Sample.Ping", 17),
    ];

    private static MemberId Id(byte number)
    {
        Span<byte> key = stackalloc byte[PeerId.Bytes];
        key.Fill(number);
        return new MemberId(new PeerId(key), new Incarnation(0xabcdef0000000000 + number));
    }
}
