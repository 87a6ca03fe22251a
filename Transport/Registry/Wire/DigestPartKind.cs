namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>What a part of a digest says.</summary>
internal enum DigestPartKind : byte
{
    /// <summary>A sum over all writers of the range.</summary>
    Sum = 0,

    /// <summary>Each writer of the range with its counter.</summary>
    Rows = 1,

    /// <summary>Some writers of which the sender knows more than the receiver said.</summary>
    Offer = 2,
}
