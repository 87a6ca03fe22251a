using System.Buffers.Binary;

namespace Kameo.Actors.Transport.Frames;

/// <summary>Walks the extensions of a frame header: u8 tag, u8 words, u16 value bytes, the value, zeros to the next multiple of 8.</summary>
/// <remarks>The spans it gives are the frame's own bytes, valid as long as the frame.</remarks>
internal ref struct ExtensionReader
{
    /// <summary>The bytes in front of a value.</summary>
    public const int PrefixBytes = 4;

    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first extension.</summary>
    public ExtensionReader(ReadOnlySpan<byte> extensions)
    {
        _rest = extensions;
        Malformed = null;
    }

    /// <summary>What is wrong with the extension that ended the walk, or null.</summary>
    public string? Malformed { get; private set; }

    /// <summary>Reads the next extension, known or not. False at the end, and at one that is malformed (see <see cref="Malformed"/>).</summary>
    public bool TryRead(out ExtensionTag tag, out ReadOnlySpan<byte> value)
    {
        tag = default;
        value = default;
        if (_rest.IsEmpty || Malformed is not null)
            return false;

        if (_rest.Length < FrameHeader.WordBytes)
            return Fail("extension shorter than a word");
        int bytes = _rest[1] * FrameHeader.WordBytes;
        int valueBytes = BinaryPrimitives.ReadUInt16LittleEndian(_rest[2..]);
        if (bytes == 0)
            return Fail("extension of no words");
        if (bytes > _rest.Length)
            return Fail("extension past the end of the header");
        if (PaddedBytes(valueBytes) != bytes)
            return Fail("extension whose words do not match its value");

        tag = (ExtensionTag)_rest[0];
        value = _rest.Slice(PrefixBytes, valueBytes);
        _rest = _rest[bytes..];
        return true;
    }

    /// <summary>Finds the first extension with a tag. The extensions of a frame that <see cref="FrameReader"/> gave are well-formed.</summary>
    public static bool TryFind(ReadOnlySpan<byte> extensions, ExtensionTag tag, out ReadOnlySpan<byte> value)
    {
        var reader = new ExtensionReader(extensions);
        while (reader.TryRead(out ExtensionTag found, out value))
        {
            if (found == tag)
                return true;
        }

        value = default;
        return false;
    }

    /// <summary>The prefix of a <see cref="ExtensionTag.RemainingTime"/>, as it is read in one step: its tag, one word, four bytes of value.</summary>
    public const uint RemainingTimePrefix = (uint)ExtensionTag.RemainingTime | (1 << 8) | (sizeof(uint) << 16);

    /// <summary>Whether the extensions are those of an ordinary request, its remaining time alone: seen at a glance, without a walk.</summary>
    public static bool IsRemainingTimeAlone(ReadOnlySpan<byte> extensions, out uint milliseconds)
    {
        milliseconds = 0;
        if (extensions.Length != FrameHeader.WordBytes || BinaryPrimitives.ReadUInt32LittleEndian(extensions) != RemainingTimePrefix)
            return false;
        milliseconds = BinaryPrimitives.ReadUInt32LittleEndian(extensions[PrefixBytes..]);
        return true;
    }

    /// <summary>Whether this build knows the tag.</summary>
    public static bool IsKnown(ExtensionTag tag) => tag is (>= ExtensionTag.RemainingTime and <= ExtensionTag.MethodName) or ExtensionTag.Streams;

    /// <summary>What an extension with a value of this size takes up.</summary>
    public static int PaddedBytes(int valueBytes) => (PrefixBytes + valueBytes + FrameHeader.WordBytes - 1) & ~(FrameHeader.WordBytes - 1);

    private bool Fail(string reason)
    {
        Malformed = reason;
        return false;
    }
}
