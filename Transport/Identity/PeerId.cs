using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport;

/// <summary>Who a peer is: its Ed25519 public key, 32 bytes. In text: 52 characters of base32 (RFC 4648), lower case, without padding.</summary>
public readonly struct PeerId : IEquatable<PeerId>, IComparable<PeerId>, ISpanFormattable, ISpanParsable<PeerId>
{
    /// <summary>Bytes of an id.</summary>
    public const int Bytes = 32;

    /// <summary>Characters of an id in text: 256 bits, five a character.</summary>
    public const int TextLength = 52;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    // Big endian words, so that comparing them compares the bytes.
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    /// <summary>Makes an id from the bytes of a public key.</summary>
    /// <exception cref="ArgumentException">They are not 32.</exception>
    public PeerId(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != Bytes)
        {
            throw new ArgumentException($"A peer id has {Bytes} bytes, not {publicKey.Length}.", nameof(publicKey));
        }

        _word0 = BinaryPrimitives.ReadUInt64BigEndian(publicKey);
        _word1 = BinaryPrimitives.ReadUInt64BigEndian(publicKey[8..]);
        _word2 = BinaryPrimitives.ReadUInt64BigEndian(publicKey[16..]);
        _word3 = BinaryPrimitives.ReadUInt64BigEndian(publicKey[24..]);
    }

    /// <summary>Whether this is no peer's id but the default value.</summary>
    public bool IsDefault => (_word0 | _word1 | _word2 | _word3) == 0;

    /// <summary>Whether both are the same peer.</summary>
    public static bool operator ==(PeerId left, PeerId right) => left.Equals(right);

    /// <summary>Whether they are different peers.</summary>
    public static bool operator !=(PeerId left, PeerId right) => !left.Equals(right);

    /// <summary>Reads the text form; upper case is accepted.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PeerId Parse(string s, IFormatProvider? provider = null) => Parse(s.AsSpan(), provider);

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static PeerId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out PeerId id) ? id : throw new FormatException($"'{s}' is no peer id: {TextLength} characters of a-z and 2-7.");

    /// <summary>Reads the text form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PeerId result) => TryParse(s.AsSpan(), provider, out result);

    /// <summary>Reads the text form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out PeerId result) => TryParse(s.AsSpan(), null, out result);

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PeerId result)
    {
        result = default;
        if (s.Length != TextLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Bytes];
        int bits = 0;
        int bitCount = 0;
        int at = 0;
        foreach (char c in s)
        {
            int value = c switch
            {
                >= 'a' and <= 'z' => c - 'a',
                >= 'A' and <= 'Z' => c - 'A',
                >= '2' and <= '7' => c - '2' + 26,
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }

            bits = (bits << 5) | value;
            bitCount += 5;
            if (bitCount >= 8)
            {
                bitCount -= 8;
                bytes[at++] = (byte)(bits >> bitCount);
                bits &= (1 << bitCount) - 1;
            }
        }

        // 260 bits hold 256: the last four must be zero, so that an id has one text.
        if (bits != 0)
        {
            return false;
        }

        result = new PeerId(bytes);
        return true;
    }

    /// <summary>Copies the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _word1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _word2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _word3);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToByteArray()
    {
        byte[] bytes = new byte[Bytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(PeerId other) => _word0 == other._word0 && _word1 == other._word1 && _word2 == other._word2 && _word3 == other._word3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_word0, _word1);

    /// <summary>The order of the bytes.</summary>
    public int CompareTo(PeerId other)
    {
        int order = _word0.CompareTo(other._word0);
        order = order != 0 ? order : _word1.CompareTo(other._word1);
        order = order != 0 ? order : _word2.CompareTo(other._word2);
        return order != 0 ? order : _word3.CompareTo(other._word3);
    }

    /// <summary>The text form.</summary>
    public override string ToString() => string.Create(TextLength, this, static (text, id) => id.TryFormat(text, out _, default, null));

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>The first ten characters of the text: enough for a log.</summary>
    public string ToShortString() => ToString()[..10];

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        charsWritten = 0;
        if (destination.Length < TextLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Bytes];
        CopyTo(bytes);
        int bits = 0;
        int bitCount = 0;
        foreach (byte b in bytes)
        {
            bits = (bits << 8) | b;
            bitCount += 8;
            while (bitCount >= 5)
            {
                bitCount -= 5;
                destination[charsWritten++] = Alphabet[(bits >> bitCount) & 31];
            }

            bits &= (1 << bitCount) - 1;
        }

        destination[charsWritten++] = Alphabet[(bits << (5 - bitCount)) & 31];
        return true;
    }
}
