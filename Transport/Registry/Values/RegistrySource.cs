namespace Kameo.Actors.Transport.Registry;

/// <summary>Who sent a message, as its connection proved.</summary>
/// <param name="Id">The peer.</param>
/// <param name="Incarnation">Which life of it, from its hello.</param>
internal readonly record struct RegistrySource(PeerId Id, ulong Incarnation);
