namespace Kameo.Actors.Transport.Registry;

/// <summary>A message to send. The bytes may be shared with messages to others: not to be changed.</summary>
/// <param name="To">The peer.</param>
/// <param name="Bytes">The message.</param>
internal readonly record struct RegistryPacket(PeerId To, ReadOnlyMemory<byte> Bytes);
