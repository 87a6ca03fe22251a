using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Requests;

/// <summary>An id that frames name often: of a target or of a method. It remembers the number that the last connection used gave it.</summary>
/// <remarks>Thread safe. The first byte is its space (<see cref="IdSpace"/>); the rest belongs to that space.</remarks>
internal abstract class WireId
{
    /// <summary>Longest target id, in bytes. With the longest method id, a full request context and everything else, a header still fits its 255 words.</summary>
    public const int BytesMax = 512;

    /// <summary>Longest method id, in bytes.</summary>
    public const int MethodBytesMax = 300;

    /// <summary>Written by any sender, read by any; a stale read only costs a look into the connection's table.</summary>
    private volatile IdBinding? _binding;

    private protected WireId(ReadOnlySpan<byte> id, int bytesMax)
    {
        if (id.Length == 0 || id.Length > bytesMax)
        {
            throw new ArgumentException($"An id has 1 to {bytesMax} bytes, not {id.Length}.", nameof(id));
        }

        Id = id.ToArray();
        Hash = IdComparer.Instance.GetHashCode(Id);
    }

    /// <summary>The id's bytes, space first.</summary>
    public byte[] Id { get; }

    /// <summary>A hash of the bytes.</summary>
    public int Hash { get; }

    internal IdBinding? Binding
    {
        get => _binding;
        set => _binding = value;
    }
}

/// <summary>The id of something that requests are sent to; interned by a connection at its second use there.</summary>
internal sealed class OutboundTarget(ReadOnlySpan<byte> id) : WireId(id, BytesMax);

/// <summary>The id of a method; interned by a connection at its first use there. Made once and kept for ever.</summary>
internal sealed class OutboundMethod(ReadOnlySpan<byte> id) : WireId(id, MethodBytesMax);
