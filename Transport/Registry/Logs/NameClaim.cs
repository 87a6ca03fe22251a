namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>One writer's claim to a name.</summary>
/// <param name="Log">Whose.</param>
/// <param name="Entry">What it says.</param>
internal readonly record struct NameClaim(WriterLog Log, RegistryEntry Entry);
