namespace Kameo.Actors.Transport;

/// <summary>Something that a watch of names tells.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Name">The name; empty for <see cref="NameChangeKind.Reset"/>.</param>
/// <param name="Owner">The node that answers under it. Several may: each of their registrations is told of, also those that look-ups do not pick.</param>
/// <param name="Metadata">What the registration says of itself; when it was removed, what it said last. Not to be changed.</param>
public readonly record struct NameChange(NameChangeKind Kind, string Name, PeerId Owner, ReadOnlyMemory<byte> Metadata);
