namespace Kameo.Actors.Transport.Rings;

/// <summary>What a writer empties: one ring, or all the rings of a connection.</summary>
internal interface IDrainSource
{
    /// <summary>
    /// Whether nothing is published that a writer could take now. May be asked by a thread that no longer holds the <see cref="DrainFlag{TAtomics}"/>; if another
    /// thread took the flag meanwhile, the answer may be wrong either way, and does not matter.
    /// </summary>
    bool IsEmpty { get; }
}
