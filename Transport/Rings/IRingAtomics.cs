namespace Kameo.Actors.Transport.Rings;

/// <summary>Every access of <see cref="SendRing{TAtomics}"/> and <see cref="DrainFlag{TAtomics}"/> to a word that two threads share goes through this.</summary>
/// <remarks>
/// In production it is <see cref="HardwareAtomics"/>, an empty struct that the JIT compiles away. Tests put a scheduler in its place, which runs the
/// threads one access at a time and so tries every order of accesses there is.
/// </remarks>
internal interface IRingAtomics
{
    /// <summary>Reads a position or flag. Acquire: nothing after it moves before it.</summary>
    long Read(ref long location);

    /// <summary>Writes a position or flag. Release: nothing before it moves after it.</summary>
    void Write(ref long location, long value);

    /// <summary>Stores <paramref name="value"/> if the location holds <paramref name="comparand"/>; returns what it held. A full fence.</summary>
    long CompareExchange(ref long location, long value, long comparand);

    /// <summary>Reads the length word of a frame. Acquire: who sees a length sees the frame's bytes.</summary>
    int ReadLength(ref int location);

    /// <summary>Writes the length word of a frame. Release: the frame's bytes come first.</summary>
    void WriteLength(ref int location, int length);

    /// <summary>A full fence: stores before it are seen by others before loads after it are done.</summary>
    void Fence();

    /// <summary>One round of waiting for another thread that is in the middle of a short step.</summary>
    void Pause(ref SpinWait spinner);
}
