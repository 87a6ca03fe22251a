namespace Kameo.Actors.Slots.Wire;

/// <summary>The number of each message on the wire. Numbers are never used again for something else; the golden bytes of the tests fail when one changes.</summary>
internal enum HandoffMessageKind : byte
{
    AskRelease = 1,
    Released = 2,
    Superseded = 3,
    Recover = 4,
    Recovered = 5,
    Flush = 6,
    Flushed = 7,
    FlushRecord = 8,
    RecordFlushed = 9,
    Place = 10,
    End = 11,
    Absent = 12,
    Unregister = 13,
    Last = 14,
    Closed = 15,
    Moved = 16,
}
