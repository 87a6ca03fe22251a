namespace Kameo.Actors.Transport.Registry;

/// <summary>A registration and who made it.</summary>
/// <param name="Owner">The member that wrote it.</param>
/// <param name="Entry">What it wrote.</param>
internal readonly record struct Registration(RegistryMember Owner, RegistryEntry Entry);
