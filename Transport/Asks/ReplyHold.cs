using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.Asks;

/// <summary>The payload of a reply or fault frame, in its receive slab or in memory of its own. Released exactly once by whoever completes the ask; a second release does nothing.</summary>
internal struct ReplyHold
{
    private Slab? _slab;
    private ReadOnlyMemory<byte> _payload;

    /// <summary>Takes over a reference to the slab.</summary>
    public ReplyHold(Slab slab, ReadOnlyMemory<byte> payload)
    {
        _slab = slab;
        _payload = payload;
    }

    /// <summary>Keeps memory that needs no release.</summary>
    public ReplyHold(ReadOnlyMemory<byte> payload) => _payload = payload;

    /// <summary>The payload; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>Gives the slab back.</summary>
    public void Release()
    {
        Slab? slab = _slab;
        _slab = null;
        _payload = default;
        slab?.Release();
    }
}
