namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>How far one writer is known.</summary>
/// <param name="JoinIndex">The writer.</param>
/// <param name="Counter">How far.</param>
internal readonly record struct DigestRow(ulong JoinIndex, ulong Counter);
