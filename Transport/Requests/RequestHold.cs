using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Requests;

/// <summary>What an accepted request keeps until its arguments have been read: its bytes in the receive slab, and the part of the window it was sent against.</summary>
/// <remarks>A struct that is moved, never copied and used twice: exactly one <see cref="Release"/> for each request accepted. Any thread, one at a time.</remarks>
internal struct RequestHold
{
    private Slab? _slab;
    private GatheredPayload? _gathered;
    private Connection? _connection;
    private readonly TargetLoad? _load;
    private readonly int _offset;
    private readonly int _length;
    private readonly int _windowBytes;

    /// <summary>Takes over a reference to the slab and the window bytes.</summary>
    public RequestHold(Connection connection, TargetLoad? load, Slab slab, int offset, int length, int windowBytes)
    {
        _load = load;
        _connection = connection;
        _slab = slab;
        _offset = offset;
        _length = length;
        _windowBytes = windowBytes;
    }

    /// <summary>Takes over a payload that is still being gathered, and the window bytes of the frame that named it.</summary>
    public RequestHold(Connection connection, TargetLoad? load, GatheredPayload payload, int windowBytes)
    {
        _load = load;
        _connection = connection;
        _gathered = payload;
        _windowBytes = windowBytes;
    }

    /// <summary>A payload too large for a frame, which may not be there yet; null for a usual one.</summary>
    public readonly GatheredPayload? Gathered => _gathered;

    /// <summary>The payload; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlySpan<byte> Payload => _slab is null ? Memory.Span : _slab.Span.Slice(_offset, _length);

    /// <summary>The payload as memory; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlyMemory<byte> Memory => _slab is not null ? _slab.Memory.Slice(_offset, _length) : _gathered is not null ? _gathered.Memory : default;

    /// <summary>What the payload is in; whoever keeps a part of it retains. Null for an empty one. Valid until <see cref="Release"/>.</summary>
    public readonly ICountedBytes? Bytes => _slab is not null ? _slab : _gathered?.Block;

    /// <summary>How many bytes of the window it holds.</summary>
    public readonly int WindowBytes => _windowBytes;

    /// <summary>Gives the slab back and returns the window to the sender. A second call does nothing.</summary>
    public void Release()
    {
        Connection? connection = _connection;
        if (connection is null)
        {
            return;
        }

        _connection = null;
        if (_slab is not null)
        {
            _slab.Release();
            _slab = null;
        }
        else if (_gathered is not null)
        {
            _gathered.Dispose();
            _gathered = null;
        }

        _load?.Return(_windowBytes);
        connection.ReturnWindow(_windowBytes);
    }
}
