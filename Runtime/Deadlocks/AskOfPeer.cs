using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Deadlocks;

/// <summary>An ask that came over a connection, as its caller's node knows it. The default is none.</summary>
/// <param name="From">The connection.</param>
/// <param name="Correlation">Which ask of the peer.</param>
internal readonly record struct AskOfPeer(Connection From, ulong Correlation);
