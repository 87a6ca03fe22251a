using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>
/// A domain name in its uncompressed wire form: labels with their lengths, then a zero. Immutable. Two names are equal when they differ
/// in the case of ASCII letters only (RFC 6762, 16).
/// </summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    private readonly byte[] _wire;
    private readonly int _hash;

    private DnsName(byte[] wire)
    {
        _wire = wire;
        HashCode hash = default;
        foreach (byte value in wire)
            hash.Add(Fold(value));
        _hash = hash.ToHashCode();
    }

    /// <summary>The wire form; at most <see cref="DnsLimits.NameBytesMax"/> bytes.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The first label as text, unescaped: of a service instance, its name. Bytes that are not UTF-8 are replaced.</summary>
    public string FirstLabel => _wire[0] == 0 ? "" : Encoding.UTF8.GetString(_wire, 1, _wire[0]);

    /// <summary>Takes a wire form whose labels and length were checked by the caller.</summary>
    public static DnsName FromWire(ReadOnlySpan<byte> wire) => new(wire.ToArray());

    /// <summary>Makes a name of labels, which may hold any text, dots included.</summary>
    /// <returns>False if a label is empty or longer than 63 bytes, or the name longer than 255.</returns>
    public static bool TryCreate(ReadOnlySpan<string> labels, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> wire = stackalloc byte[DnsLimits.NameBytesMax];
        int length = 0;
        foreach (string label in labels)
        {
            int bytes = Encoding.UTF8.GetByteCount(label);
            if (bytes is 0 or > DnsLimits.LabelBytesMax || length + 1 + bytes + 1 > wire.Length)
                return false;
            wire[length++] = (byte)bytes;
            length += Encoding.UTF8.GetBytes(label, wire[length..]);
        }
        wire[length++] = 0;
        name = new DnsName(wire[..length].ToArray());
        return true;
    }

    /// <summary>Reads dotted text such as <c>_kameo._tcp.local</c>; a backslash takes the next character as it is.</summary>
    /// <returns>False if a label is empty or too long, or the name too long.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out DnsName? name)
    {
        List<string> labels = [];
        StringBuilder label = new();
        string dotless = text.EndsWith('.') ? text[..^1] : text;
        for (int i = 0; i < dotless.Length; i++)
        {
            if (dotless[i] == '\\' && i + 1 < dotless.Length)
            {
                label.Append(dotless[++i]);
            }
            else if (dotless[i] == '.')
            {
                labels.Add(label.ToString());
                label.Clear();
            }
            else
            {
                label.Append(dotless[i]);
            }
        }
        labels.Add(label.ToString());
        return TryCreate([.. labels], out name);
    }

    /// <summary>Whether this name is one label more than <paramref name="parent"/>, as an instance is of its service type.</summary>
    public bool IsChildOf(DnsName parent) =>
        _wire[0] != 0 && _wire.Length == parent._wire.Length + 1 + _wire[0] && SameBytes(_wire.AsSpan(1 + _wire[0]), parent._wire);

    /// <inheritdoc/>
    public bool Equals(DnsName? other) => other is not null && _hash == other._hash && SameBytes(_wire, other._wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>Dotted text without the closing dot; dots and backslashes inside labels are escaped.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        for (int at = 0; _wire[at] != 0; at += 1 + _wire[at])
        {
            if (at != 0)
                text.Append('.');
            text.Append(Encoding.UTF8.GetString(_wire, at + 1, _wire[at]).Replace("\\", "\\\\").Replace(".", "\\."));
        }
        return text.ToString();
    }

    /// <summary>Compares whole or partial wire forms. Folding case is safe on length bytes too: they are below 'A'.</summary>
    internal static bool SameBytes(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
            return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (Fold(left[i]) != Fold(right[i]))
                return false;
        }
        return true;
    }

    private static byte Fold(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
}
