using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Asks;

/// <summary>The payload of a reply or fault frame, in its receive slab or in memory of its own. Released exactly once by whoever completes the ask; a second release does nothing.</summary>
internal struct ReplyHold
{
    private object? _owner;
    private ReadOnlyMemory<byte> _payload;

    /// <summary>Takes over a reference to the slab.</summary>
    public ReplyHold(Slab slab, ReadOnlyMemory<byte> payload)
    {
        _owner = slab;
        _payload = payload;
    }

    /// <summary>Takes a gathered payload over.</summary>
    public ReplyHold(GatheredPayload payload)
    {
        _owner = payload;
        _payload = payload.Memory;
    }

    /// <summary>Keeps memory that needs no release.</summary>
    public ReplyHold(ReadOnlyMemory<byte> payload) => _payload = payload;

    /// <summary>The payload; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>What the payload is in; whoever keeps a part of it retains. Null if it has no holders. Valid until <see cref="Release"/>.</summary>
    public readonly ICountedBytes? Bytes => _owner is GatheredPayload gathered ? gathered.Block : _owner as Slab;

    /// <summary>Gives the slab back.</summary>
    public void Release()
    {
        object? owner = _owner;
        _owner = null;
        _payload = default;
        if (owner is Slab slab)
        {
            slab.Release();
        }
        else if (owner is GatheredPayload gathered)
        {
            gathered.Dispose();
        }
    }
}
