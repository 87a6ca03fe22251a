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
    private readonly RequestPlace _place;
    private readonly bool _isGuest;

    /// <summary>Takes over a reference to the slab, and the window bytes.</summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="load">What its target holds of the window; null for one without a number.</param>
    /// <param name="slab">What its payload is in.</param>
    /// <param name="place">Where in there.</param>
    /// <param name="isGuest">The slab is somebody else's, who keeps it until this is released.</param>
    public RequestHold(Connection connection, TargetLoad? load, Slab slab, RequestPlace place, bool isGuest = false)
    {
        _load = load;
        _connection = connection;
        _slab = slab;
        _place = place;
        _isGuest = isGuest;
    }

    /// <summary>Takes over a payload that is still being gathered, and the window bytes of the frame that named it.</summary>
    public RequestHold(Connection connection, TargetLoad? load, GatheredPayload payload, int windowBytes)
    {
        _load = load;
        _connection = connection;
        _gathered = payload;
        _place = new RequestPlace(0, 0, windowBytes);
    }

    /// <summary>Where it came from.</summary>
    public readonly Connection? Connection => _connection;

    /// <summary>What its target holds of the window.</summary>
    public readonly TargetLoad? Load => _load;

    /// <summary>The slab that its payload is in; null for a payload too large for a frame.</summary>
    public readonly Slab? Slab => _slab;

    /// <summary>A payload too large for a frame, which may not be there yet; null for a usual one.</summary>
    public readonly GatheredPayload? Gathered => _gathered;

    /// <summary>The payload; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlySpan<byte> Payload => _slab is null ? Memory.Span : _slab.Span.Slice(_place.Offset, _place.Length);

    /// <summary>The payload as memory; valid until <see cref="Release"/>.</summary>
    public readonly ReadOnlyMemory<byte> Memory => _slab is not null ? _slab.Memory.Slice(_place.Offset, _place.Length) : _gathered is not null ? _gathered.Memory : default;

    /// <summary>What the payload is in; whoever keeps a part of it retains. Null for an empty one. Valid until <see cref="Release"/>.</summary>
    public readonly ICountedBytes? Bytes => _slab is not null ? _slab : _gathered?.Block;

    /// <summary>How many bytes of the window it holds.</summary>
    public readonly int WindowBytes => _place.WindowBytes;

    /// <summary>Gives the slab back, as its lender, and says where the payload is: somebody who keeps the slab goes on with the window bytes.</summary>
    public RequestPlace GiveUp()
    {
        _slab!.TakeBack();
        _slab = null;
        _connection = null;
        return _place;
    }

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
            if (!_isGuest)
            {
                _slab.Release();
            }

            _slab = null;
        }
        else if (_gathered is not null)
        {
            _gathered.Dispose();
            _gathered = null;
        }

        _load?.Return(_place.WindowBytes);
        connection.ReturnWindow(_place.WindowBytes);
    }
}
