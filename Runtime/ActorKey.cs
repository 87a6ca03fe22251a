using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Kameo.Actors;

/// <summary>The key of an actor within its class: a string, a <see cref="System.Guid"/>, an integer, or one of the latter two with a string.</summary>
public readonly struct ActorKey : IEquatable<ActorKey>
{
    /// <summary>Most bytes of UTF-8 in a key's string. With its class name it must fit the 512 bytes of an id on the wire.</summary>
    public const int TextBytesMax = 240;

    /// <summary>Most bytes of a key on the wire.</summary>
    internal const int BytesMax = GuidBytes + TextBytesMax;

    private const int GuidBytes = 16;
    private const int IntegerBytes = 8;

    /// <summary>Refuses halves of characters: on the wire all of them would be one and the same.</summary>
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly UInt128 _number;
    private readonly string? _text;

    private ActorKey(ActorKeyKind kind, UInt128 number, string? text)
    {
        if (text is not null && BytesOf(text) > TextBytesMax)
        {
            throw new ArgumentException($"The string of an actor key has at most {TextBytesMax} bytes in UTF-8.", nameof(text));
        }

        Kind = kind;
        _number = number;
        _text = text;
    }

    /// <summary>What it is made of.</summary>
    public ActorKeyKind Kind { get; }

    /// <summary>The string of a string key or of a compound one; empty for others.</summary>
    public string Text => _text ?? string.Empty;

    /// <summary>The Guid of a Guid key.</summary>
    /// <exception cref="InvalidOperationException">The key has none.</exception>
    public Guid Guid => Kind is ActorKeyKind.Guid or ActorKeyKind.GuidCompound ? ToGuid(_number) : throw Wrong("Guid");

    /// <summary>The integer of an integer key.</summary>
    /// <exception cref="InvalidOperationException">The key has none.</exception>
    public long Integer => Kind is ActorKeyKind.Integer or ActorKeyKind.IntegerCompound ? (long)(ulong)_number : throw Wrong("integer");

    /// <summary>Whether both are the same key.</summary>
    public static bool operator ==(ActorKey left, ActorKey right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(ActorKey left, ActorKey right) => !left.Equals(right);

    /// <summary>A string key.</summary>
    /// <exception cref="ArgumentException">It is longer than <see cref="TextBytesMax"/>, or no text: half of a surrogate pair.</exception>
    public static ActorKey Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ActorKey(ActorKeyKind.Text, 0, text);
    }

    /// <summary>A Guid key.</summary>
    public static ActorKey Of(Guid guid) => new(ActorKeyKind.Guid, ToNumber(guid), null);

    /// <summary>An integer key.</summary>
    public static ActorKey Of(long integer) => new(ActorKeyKind.Integer, (ulong)integer, null);

    /// <summary>A Guid and a string.</summary>
    public static ActorKey Of(Guid guid, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ActorKey(ActorKeyKind.GuidCompound, ToNumber(guid), text);
    }

    /// <summary>An integer and a string.</summary>
    public static ActorKey Of(long integer, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ActorKey(ActorKeyKind.IntegerCompound, (ulong)integer, text);
    }

    /// <inheritdoc/>
    public bool Equals(ActorKey other) => Kind == other.Kind && _number == other._number && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActorKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_number, _text);

    /// <summary>For people: the number and the string, with a plus between them.</summary>
    public override string ToString() => Kind switch
    {
        ActorKeyKind.Guid => Guid.ToString(),
        ActorKeyKind.Integer => Integer.ToString(CultureInfo.InvariantCulture),
        ActorKeyKind.GuidCompound => $"{Guid}+{Text}",
        ActorKeyKind.IntegerCompound => string.Create(CultureInfo.InvariantCulture, $"{Integer}+{Text}"),
        _ => Text,
    };

    /// <summary>Writes the key as it stands in an id on the wire: the number, big endian, then the string.</summary>
    /// <returns>The bytes written; <paramref name="into"/> must have room for <see cref="TextBytesMax"/> and 16.</returns>
    internal int Write(Span<byte> into)
    {
        int at = 0;
        if (Kind is ActorKeyKind.Guid or ActorKeyKind.GuidCompound)
        {
            BinaryPrimitives.WriteUInt128BigEndian(into, _number);
            at = GuidBytes;
        }
        else if (Kind is ActorKeyKind.Integer or ActorKeyKind.IntegerCompound)
        {
            BinaryPrimitives.WriteUInt64BigEndian(into, (ulong)_number);
            at = IntegerBytes;
        }

        return at + (_text is null ? 0 : Encoding.UTF8.GetBytes(_text, into[at..]));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <returns>False if it is malformed.</returns>
    internal static bool TryRead(ActorKeyKind kind, ReadOnlySpan<byte> bytes, out ActorKey key)
    {
        key = default;
        int numberBytes = kind switch
        {
            ActorKeyKind.Text => 0,
            ActorKeyKind.Guid or ActorKeyKind.GuidCompound => GuidBytes,
            ActorKeyKind.Integer or ActorKeyKind.IntegerCompound => IntegerBytes,
            _ => int.MaxValue,
        };
        bool hasText = kind is ActorKeyKind.Text or ActorKeyKind.GuidCompound or ActorKeyKind.IntegerCompound;
        if (bytes.Length < numberBytes || (!hasText && bytes.Length != numberBytes) || bytes.Length - numberBytes > TextBytesMax)
        {
            return false;
        }

        UInt128 number = numberBytes switch
        {
            GuidBytes => BinaryPrimitives.ReadUInt128BigEndian(bytes),
            IntegerBytes => BinaryPrimitives.ReadUInt64BigEndian(bytes),
            _ => 0,
        };
        ReadOnlySpan<byte> text = bytes[numberBytes..];
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            return false;
        }

        key = new ActorKey(kind, number, hasText ? Encoding.UTF8.GetString(text) : null);
        return true;
    }

    private static int BytesOf(string text)
    {
        try
        {
            return s_strict.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new ArgumentException("The string of an actor key is no text: it has half of a surrogate pair.", nameof(text), exception);
        }
    }

    private static UInt128 ToNumber(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[GuidBytes];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static Guid ToGuid(UInt128 number)
    {
        Span<byte> bytes = stackalloc byte[GuidBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new Guid(bytes, bigEndian: true);
    }

    private InvalidOperationException Wrong(string what) => new($"The key '{this}' has no {what}: it is of kind {Kind}.");
}
