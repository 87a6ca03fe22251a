using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Views.Messages;

/// <summary>Asks for a vote.</summary>
/// <param name="Term">The term that the candidate stands for.</param>
/// <param name="LastIndex">Its last entry.</param>
/// <param name="LastTerm">The term of that entry.</param>
/// <param name="IsPreliminary">Whether it only asks if it would be elected (Raft dissertation, 9.6): nobody's term rises.</param>
/// <param name="IsTransfer">Whether the leader told it to stand, so that its own followers do not hold on to it.</param>
internal sealed record VoteRequest(long Term, long LastIndex, long LastTerm, bool IsPreliminary, bool IsTransfer) : ViewMessage;

/// <summary>Answers a request for a vote.</summary>
/// <param name="Term">The voter's term; of a granted preliminary vote the term asked for.</param>
/// <param name="IsGranted">Whether it votes for the candidate.</param>
/// <param name="IsPreliminary">Whether that was only asked.</param>
internal sealed record VoteReply(long Term, bool IsGranted, bool IsPreliminary) : ViewMessage;

/// <summary>A leader's entries and heartbeat.</summary>
/// <param name="Term">Its term.</param>
/// <param name="Round">The newest round of heartbeats that it had started when it sent this.</param>
/// <param name="Base">The settled view, if the receiver needs what is forgotten.</param>
/// <param name="PreviousIndex">The entry before <paramref name="Entries"/>.</param>
/// <param name="PreviousTerm">Its term.</param>
/// <param name="Entries">Entries, maybe none.</param>
/// <param name="Commit">The leader's commit index.</param>
internal sealed record Append(long Term, long Round, LogPoint? Base, long PreviousIndex, long PreviousTerm, IReadOnlyList<LogEntry> Entries, long Commit) : ViewMessage;

/// <summary>Answers an <see cref="Append"/>.</summary>
/// <param name="Term">The receiver's term.</param>
/// <param name="Round">The round that is answered.</param>
/// <param name="IsAccepted">Whether the log matched.</param>
/// <param name="Index">If so the last entry known to match; else where to try again.</param>
internal sealed record AppendReply(long Term, long Round, bool IsAccepted, long Index) : ViewMessage;

/// <summary>The leader gives way: stand for election now.</summary>
/// <param name="Term">Its term.</param>
internal sealed record TimeoutNow(long Term) : ViewMessage;

/// <summary>Asks for what was agreed since.</summary>
/// <param name="Index">The newest agreed entry that the asker has.</param>
/// <param name="Term">Its term.</param>
internal sealed record Fetch(long Index, long Term) : ViewMessage;

/// <summary>Agreed entries, for whoever follows.</summary>
/// <param name="Base">The settled view, if the receiver needs what is forgotten.</param>
/// <param name="PreviousIndex">The entry before <paramref name="Entries"/>.</param>
/// <param name="PreviousTerm">Its term.</param>
/// <param name="Entries">Agreed entries.</param>
internal sealed record Feed(LogPoint? Base, long PreviousIndex, long PreviousTerm, IReadOnlyList<LogEntry> Entries) : ViewMessage
{
    /// <inheritdoc/>
    public override bool IsForeign => true;
}
