namespace Kameo.Actors.Transport.Views.Log;

/// <summary>What a node with a state directory keeps over a restart, so that it resumes its vote as the same incarnation: term, vote, and the log with its settled view, which says the cluster id.</summary>
/// <param name="Self">The incarnation that goes on.</param>
/// <param name="Term">The newest term known.</param>
/// <param name="VotedFor">For whom it voted in that term.</param>
/// <param name="Base">The settled view.</param>
/// <param name="Entries">Every entry since, agreed or not.</param>
/// <param name="CommitIndex">How far they were known to be agreed; not more than that may be applied at once.</param>
internal sealed record StewardState(MemberId Self, long Term, MemberId VotedFor, LogPoint Base, IReadOnlyList<LogEntry> Entries, long CommitIndex);
