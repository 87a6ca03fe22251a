using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.MessagePack;

/// <summary>Parts of one message that are sent from where they are instead of from the scratch buffer. Whoever sends the message takes them; if nobody does they are released with the buffer.</summary>
internal sealed class AttachedBytes
{
    private readonly List<Part> _parts = [];
    private bool _taken;

    /// <summary>A part, held for whoever sends it.</summary>
    /// <param name="At">How many bytes of the scratch buffer come before it.</param>
    /// <param name="Bytes">The bytes.</param>
    /// <param name="Holder">Holds them; released once.</param>
    public readonly record struct Part(int At, ReadOnlyMemory<byte> Bytes, ICountedBytes Holder);

    /// <summary>The bytes of all parts.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Adds a part behind what the scratch buffer has; its reference is taken over.</summary>
    public void Add(int at, ReadOnlyMemory<byte> bytes, ICountedBytes holder)
    {
        _parts.Add(new Part(at, bytes, holder));
        TotalBytes += bytes.Length;
    }

    /// <summary>The parts in order, for whoever releases each once.</summary>
    public IReadOnlyList<Part> Take()
    {
        if (_taken)
        {
            throw new InvalidOperationException("The attached parts of a message were taken twice.");
        }

        _taken = true;
        return _parts;
    }

    /// <summary>The message is not sent after all; does nothing when somebody took the parts.</summary>
    public void Abandon()
    {
        if (_taken)
        {
            return;
        }

        _taken = true;
        foreach (Part part in _parts)
        {
            part.Holder.Release();
        }
    }
}
