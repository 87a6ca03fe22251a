using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Requests;

/// <summary>An id that requests are sent to, kept by whoever sends often: it remembers the number that the last connection used gave it.</summary>
/// <remarks>Thread safe. The first byte of the id is its space (<see cref="IdSpace"/>); the rest belongs to that space. At most <see cref="IdBytesMax"/> bytes.</remarks>
internal sealed class OutboundTarget
{
    /// <summary>Longest id, in bytes: it fits an extension of a frame header.</summary>
    public const int IdBytesMax = 1024;

    /// <summary>The binding of the last connection used. Written by any sender, read by any: a binding is immutable but for its state.</summary>
    private volatile TargetBinding? _binding;

    /// <summary>Keeps a copy of the id.</summary>
    /// <exception cref="ArgumentException">The id is empty or too long.</exception>
    public OutboundTarget(ReadOnlySpan<byte> id)
    {
        if (id.Length is 0 or > IdBytesMax)
        {
            throw new ArgumentException($"An id has 1 to {IdBytesMax} bytes, not {id.Length}.", nameof(id));
        }

        Id = id.ToArray();
    }

    /// <summary>The id's bytes, space first.</summary>
    public byte[] Id { get; }

    internal TargetBinding? Binding
    {
        get => _binding;
        set => _binding = value;
    }
}
