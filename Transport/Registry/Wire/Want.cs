namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>What its sender wants to know of one writer.</summary>
/// <param name="JoinIndex">The writer.</param>
/// <param name="Counter">What the sender knows of it.</param>
/// <param name="Cursor">Up to where a sweep under way has come; 0 when there is none.</param>
internal readonly record struct Want(ulong JoinIndex, ulong Counter, ulong Cursor);
