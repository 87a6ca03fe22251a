namespace Kameo.Actors.Transport.Views.Wire;

/// <summary>The number of each message on the wire. Numbers are never used again for something else; the golden bytes of the tests fail when one changes.</summary>
internal enum ViewMessageKind : byte
{
    VoteRequest = 1,
    VoteReply = 2,
    Append = 3,
    AppendReply = 4,
    TimeoutNow = 5,
    Fetch = 6,
    Feed = 7,
    Renew = 8,
    Grant = 9,
    Ping = 10,
    Pong = 11,
    Accusation = 12,
    ProbeRequest = 13,
    ProbeReply = 14,
    Verdict = 15,
    Evicted = 16,
    Seek = 17,
    SeekReply = 18,
    Join = 19,
    JoinRefused = 20,
    Leave = 21,
    Dissolve = 22,
    ReformAsk = 23,
    ReformAnswer = 24,
    Abandon = 25,
}
