using System.Net;

namespace Kameo.Actors.Transport.Links;

/// <summary>One end of a pipe in memory. A send is delivered to the other end by a pool thread; one send is under way at a time, so nothing piles up.</summary>
/// <param name="remote">What to call the other end.</param>
internal sealed class MemoryLink(EndPoint remote) : ILink, IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private MemoryLink? _other;
    private ILinkReceiver? _receiver;
    private ReadOnlyMemory<byte> _arriving;
    private bool _hasArriving;
    private bool _otherEnded;
    private bool _closed;
    private bool _closedTold;
    private bool _running;

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint => remote;

    internal void Join(MemoryLink other) => _other = other;

    /// <inheritdoc/>
    public void Start(ILinkReceiver receiver)
    {
        lock (_lock)
        {
            _receiver = receiver;
            ScheduleLocked();
        }
    }

    /// <inheritdoc/>
    public bool Send(ReadOnlyMemory<byte> bytes) => _other!.Deliver(bytes);

    /// <inheritdoc/>
    public void EndSending() => _other!.End();

    /// <inheritdoc/>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            ScheduleLocked();
        }

        _other!.End();
    }

    /// <summary>Hands over what has arrived; one at a time.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        while (true)
        {
            ReadOnlyMemory<byte> bytes = default;
            bool has;
            bool end = false;
            lock (_lock)
            {
                has = _hasArriving && !_closed;
                if (has)
                {
                    bytes = _arriving;
                }
                else if (_closed || _otherEnded)
                {
                    end = !_closedTold;
                    _closedTold = true;
                    _closed = true;
                }

                if (!has && !end)
                {
                    _running = false;
                    return;
                }
            }

            if (end)
            {
                _other!.End();
                ReleaseSender();
                _receiver!.OnClosed(null);
                continue;
            }

            _receiver!.OnReceived(bytes.Span);
            ReleaseSender();
        }
    }

    private bool Deliver(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return true; // Dropped: the sender learns of the end from its own side.
            }

            _arriving = bytes;
            _hasArriving = true;
            ScheduleLocked();
            return false;
        }
    }

    /// <summary>Tells the other end that its send is done, if one is under way.</summary>
    private void ReleaseSender()
    {
        bool held;
        lock (_lock)
        {
            held = _hasArriving;
            _hasArriving = false;
            _arriving = default;
        }

        if (held)
        {
            _other!.OnSendDone();
        }
    }

    private void OnSendDone()
    {
        lock (_lock)
        {
            if (_closedTold)
            {
                return; // OnClosed stands for OnSent.
            }
        }

        _receiver?.OnSent();
    }

    private void End()
    {
        lock (_lock)
        {
            _otherEnded = true;
            ScheduleLocked();
        }
    }

    private void ScheduleLocked()
    {
        if (!_running && _receiver is not null && (_hasArriving || ((_closed || _otherEnded) && !_closedTold)))
        {
            _running = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
