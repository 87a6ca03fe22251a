using System.ComponentModel;
using System.Buffers;
using System.Text;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats <see cref="string"/>, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StringFormatter : IFormatter<string>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, string value) => writer.WriteString(value);

    /// <inheritdoc/>
    public static string Decode(ref MessagePackReader reader) => reader.ReadString()!;

    /// <inheritdoc/>
    public static string Copy(string value) => value;
}

/// <summary>Formats <see cref="Guid"/> as its 36 characters.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct GuidFormatter : IFormatter<Guid>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Guid value)
    {
        Span<byte> text = stackalloc byte[TextLength];
        value.TryFormat(text, out _);
        writer.WriteUtf8(text);
    }

    /// <inheritdoc/>
    public static Guid Decode(ref MessagePackReader reader)
    {
        Span<char> chars = stackalloc char[TextLength];
        return reader.ReadUtf8Span(out ReadOnlySpan<byte> text) && text.Length == TextLength && Ascii.ToUtf16(text, chars, out _) == OperationStatus.Done
            && Guid.TryParseExact(chars, "D", out Guid value)
            ? value
            : throw new MessagePackException("The text is no Guid.");
    }

    /// <inheritdoc/>
    public static Guid Copy(Guid value) => value;

    private const int TextLength = 36;
}

/// <summary>Formats <see cref="Uri"/> as its original text, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct UriFormatter : IFormatter<Uri>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Uri value) => writer.WriteString(value?.OriginalString);

    /// <inheritdoc/>
    public static Uri Decode(ref MessagePackReader reader)
    {
        string? text = reader.ReadString();
        return text is null ? null! : Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out Uri? value) ? value : throw new MessagePackException("The text is no URI.");
    }

    /// <inheritdoc/>
    public static Uri Copy(Uri value) => value;
}

/// <summary>Formats <see cref="Version"/> as text, null included.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct VersionFormatter : IFormatter<Version>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, Version value) => writer.WriteString(value?.ToString());

    /// <inheritdoc/>
    public static Version Decode(ref MessagePackReader reader)
    {
        string? text = reader.ReadString();
        return text is null ? null! : Version.TryParse(text, out Version? value) ? value : throw new MessagePackException("The text is no version.");
    }

    /// <inheritdoc/>
    public static Version Copy(Version value) => value;
}

/// <summary>Formats <see cref="PeerId"/> as its 32 bytes.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct PeerIdFormatter : IFormatter<PeerId>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, PeerId value)
    {
        Span<byte> bytes = stackalloc byte[PeerId.Bytes];
        value.CopyTo(bytes);
        writer.WriteBinary(bytes);
    }

    /// <inheritdoc/>
    public static PeerId Decode(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBinary();
        return bytes.Length == PeerId.Bytes ? new PeerId(bytes) : throw new MessagePackException($"A peer id has {PeerId.Bytes} bytes, not {bytes.Length}.");
    }

    /// <inheritdoc/>
    public static PeerId Copy(PeerId value) => value;
}
