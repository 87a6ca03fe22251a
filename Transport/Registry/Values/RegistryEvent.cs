namespace Kameo.Actors.Transport.Registry;

/// <summary>Something that a watch, or the owner of a name, is told.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="WatchId">Which watch is told; 0 for a name lost or regained.</param>
/// <param name="Registration">The registration as it is now; when it was removed, as it last was; when a name was lost, the one that has it.</param>
/// <param name="Former">The registration before, when it changed.</param>
internal readonly record struct RegistryEvent(RegistryEventKind Kind, int WatchId, Registration Registration, RegistryEntry? Former = null);
