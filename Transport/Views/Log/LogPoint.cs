namespace Kameo.Actors.Transport.Views.Log;

/// <summary>A place in the view log with what holds after it.</summary>
/// <param name="Index">The place.</param>
/// <param name="Term">The term of the entry there.</param>
/// <param name="Entry">The entry; null where only its outcome is known, at the base of a snapshot.</param>
/// <param name="View">The view after it.</param>
/// <param name="Electorate">Who decides after it.</param>
internal sealed record LogPoint(long Index, long Term, LogEntry? Entry, View View, Electorate Electorate);
