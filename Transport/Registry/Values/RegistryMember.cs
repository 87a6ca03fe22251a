namespace Kameo.Actors.Transport.Registry;

/// <summary>A member of a view as the registry sees it: one incarnation of a peer, which may write entries.</summary>
/// <param name="Id">The peer.</param>
/// <param name="Incarnation">Which life of it.</param>
/// <param name="JoinIndex">Its place in the view log: its age, and on the wire its short name. Never given twice within a cluster.</param>
internal readonly record struct RegistryMember(PeerId Id, ulong Incarnation, ulong JoinIndex);
