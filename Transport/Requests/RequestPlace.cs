namespace Kameo.Actors.Transport.Requests;

/// <summary>Where the payload of a request is in its slab, and how much of the window it holds.</summary>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
/// <param name="WindowBytes">Bytes of the window.</param>
internal readonly record struct RequestPlace(int Offset, int Length, int WindowBytes);
