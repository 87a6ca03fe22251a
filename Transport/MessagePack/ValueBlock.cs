namespace Kameo.Actors.Transport.MessagePack;

/// <summary>How values of one size travel as they are in memory, little-endian: an extension that a receiver can read in place.</summary>
/// <remarks>
/// <para>
/// Content: u16 size of one value, u8 length of the padding, the padding (zeros), the values. The writer chooses 8 to 23 bytes of padding, so that the values start at a multiple of
/// 16 counted from the start of the message. A message starts in its receiver's memory at a multiple of 16 if it was gathered, else at a multiple of 8, since frames do: where it
/// is an odd one the receiver moves the values by 8 bytes over their own padding. The header of the extension is always the longest, so that the padding does not depend on itself.
/// </para>
/// <para>A machine that is big-endian has no connection at all (<see cref="Rings.SendRing{TAtomics}"/>), so nothing is ever swapped.</para>
/// </remarks>
internal static class ValueBlock
{
    /// <summary>The type of the extension; an application's by the specification, and not one that MessagePack-CSharp uses. On the wire: it never changes.</summary>
    public const sbyte ExtensionType = 16;

    /// <summary>Where values start: what vector instructions of 128 bits want.</summary>
    public const int AlignmentBytes = 16;

    /// <summary>Size and length of the padding.</summary>
    public const int HeadBytes = 3;

    /// <summary>Code, length and type of the extension.</summary>
    public const int ExtensionHeaderBytes = 6;

    /// <summary>The least padding: by so much the values can be moved where the message starts at an odd multiple of it.</summary>
    public const int PaddingBytesMin = 8;

    /// <summary>The largest value.</summary>
    public const int ValueBytesMax = ushort.MaxValue;

    /// <summary>The padding of values in an extension that begins so far from the start of its message.</summary>
    public static int PaddingAt(long messageOffset)
    {
        long unpadded = messageOffset + ExtensionHeaderBytes + HeadBytes + PaddingBytesMin;
        return PaddingBytesMin + (int)(-unpadded & (AlignmentBytes - 1));
    }
}
