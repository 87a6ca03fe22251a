using System.Buffers.Binary;
using Kameo.Actors.Transport.Rings;

namespace Kameo.Actors.Transport.Frames;

/// <summary>The 24 bytes that every frame starts with, little-endian.</summary>
/// <remarks>
/// <c>u32 length · u8 kind · u8 flags · u8 header words · u8 hops left · u64 correlation · u32 target · u32 method</c>. Then come
/// extensions up to <see cref="HeaderWords"/> times 8 bytes, the payload up to <see cref="Length"/>, and zeros up to the next multiple of 8.
/// </remarks>
internal struct FrameHeader
{
    /// <summary>The length of the header without extensions.</summary>
    public const int Bytes = 24;

    /// <summary>The unit of <see cref="HeaderWords"/>, and what every frame's start is a multiple of.</summary>
    public const int WordBytes = 8;

    /// <summary>The <see cref="HeaderWords"/> of a frame without extensions.</summary>
    public const int WordsMin = Bytes / WordBytes;

    /// <summary>The most bytes header and extensions can have: the words are counted in one byte.</summary>
    public const int HeaderBytesMax = byte.MaxValue * WordBytes;

    /// <summary>The whole frame in bytes: header, extensions and payload, without the padding to the next multiple of 8.</summary>
    public uint Length;

    /// <summary>What the frame is.</summary>
    public FrameKind Kind;

    /// <summary>Its flags.</summary>
    public FrameFlags Flags;

    /// <summary>Header and extensions in words of 8 bytes.</summary>
    public byte HeaderWords;

    /// <summary>How often the request may still be forwarded.</summary>
    public byte HopsLeft;

    /// <summary>Which ask (or stream) the frame belongs to: slot in the low 32 bits, generation in the high ones; 0 = none.</summary>
    public ulong Correlation;

    /// <summary>The number of the target on this connection; 0 = named inline or none.</summary>
    public uint Target;

    /// <summary>The number of the method on this connection; 0 = named inline or none.</summary>
    public uint Method;

    /// <summary>Makes a header without extensions.</summary>
    public FrameHeader(FrameKind kind, int payloadBytes, ulong correlation = 0)
    {
        Kind = kind;
        HeaderWords = WordsMin;
        Length = checked((uint)(Bytes + payloadBytes));
        Correlation = correlation;
    }

    /// <summary>Where the payload starts in the frame.</summary>
    public readonly int HeaderBytes => HeaderWords * WordBytes;

    /// <summary>What the frame takes up in the stream: its length rounded up to 8.</summary>
    public readonly long PaddedBytes => ((long)Length + (WordBytes - 1)) & ~(long)(WordBytes - 1);

    /// <summary>Reads a header. No value is checked; that is <see cref="FrameReader"/>'s part.</summary>
    /// <param name="source">At least <see cref="Bytes"/> bytes.</param>
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        source = source[..Bytes];
        return new FrameHeader
        {
            Length = BinaryPrimitives.ReadUInt32LittleEndian(source),
            Kind = (FrameKind)source[4],
            Flags = (FrameFlags)source[5],
            HeaderWords = source[6],
            HopsLeft = source[7],
            Correlation = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            Target = BinaryPrimitives.ReadUInt32LittleEndian(source[16..]),
            Method = BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
        };
    }

    /// <summary>Writes the header, length word included.</summary>
    /// <param name="destination">At least <see cref="Bytes"/> bytes; not a ring's claim, whose length word belongs to the ring.</param>
    public readonly void Write(Span<byte> destination)
    {
        destination = destination[..Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Length);
        WriteBody(destination[RingClaim.LengthBytes..]);
    }

    /// <summary>Writes the header without its length word, as <see cref="RingClaim.Body"/> wants it.</summary>
    /// <param name="body">At least <see cref="Bytes"/> - 4 bytes.</param>
    public readonly void WriteBody(Span<byte> body)
    {
        body = body[..(Bytes - RingClaim.LengthBytes)];
        body[0] = (byte)Kind;
        body[1] = (byte)Flags;
        body[2] = HeaderWords;
        body[3] = HopsLeft;
        BinaryPrimitives.WriteUInt64LittleEndian(body[4..], Correlation);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], Target);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], Method);
    }
}
