namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>What one version of a writer removed: an entry taken back, or replaced by the entry that has the same version.</summary>
/// <param name="At">The version that removed it.</param>
/// <param name="Victim">The version of the entry that is no more.</param>
internal readonly record struct Removal(ulong At, ulong Victim)
{
    /// <summary>Most bytes on the wire.</summary>
    public const int WireBytesMax = 18;

    /// <summary>Bytes on the wire behind another removal.</summary>
    public int WireBytes(ulong previousAt) => WireReading.BytesOf(At - previousAt) + WireReading.BytesOf(At - Victim);
}
