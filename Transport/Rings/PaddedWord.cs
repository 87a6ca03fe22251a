using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Rings;

/// <summary>A 64-bit word alone on its cache line, so that its writers do not slow the readers of its neighbours.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedWord
{
    /// <summary>The word. A ring's are read and written through <see cref="IRingAtomics"/> only.</summary>
    [FieldOffset(64)]
    public long Value;
}
