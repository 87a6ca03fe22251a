using System.Net;
using System.Net.Sockets;
using Kameo.Actors.Transport.Links;

namespace Kameo.Actors.Transport.Control;

/// <summary>Accepts on the loop's thread and sorts what is accepted by lane, so that a saturated thread pool keeps no control connection waiting.</summary>
/// <remarks>Bounds: <see cref="UnsortedMax"/> connections that have said nothing yet; beyond it the oldest is closed. Who says nothing for ten seconds is closed too.</remarks>
internal sealed class LaneListener : IPolled, ILinkListener
{
    /// <summary>Connections that have said nothing yet.</summary>
    public const int UnsortedMax = 256;

    private const int PeekBytes = 1024;
    private const int AcceptsAtOnce = 64;

    private static readonly TimeSpan s_speakWithin = TimeSpan.FromSeconds(10);

    private readonly ControlLoop _loop;
    private readonly Action<Socket> _data;
    private readonly Action<Socket> _control;
    private readonly Queue<Unsorted> _unsorted = new();
    private TimeSpan _pausedUntil = TimeSpan.MinValue;

    /// <summary>Makes a listener; polled once the loop has started.</summary>
    /// <param name="loop">Whose thread accepts.</param>
    /// <param name="socket">Bound and listening.</param>
    /// <param name="data">Takes a socket of the data lane; on the loop's thread, so it must only pass it on.</param>
    /// <param name="control">Takes a socket of the control lane.</param>
    public LaneListener(ControlLoop loop, Socket socket, Action<Socket> data, Action<Socket> control)
    {
        _loop = loop;
        _data = data;
        _control = control;
        Socket = socket;
        LocalEndPoint = socket.LocalEndPoint!;
        socket.Blocking = false;
        loop.Post(() => loop.Add(this));
    }

    /// <inheritdoc/>
    public Socket Socket { get; }

    /// <inheritdoc/>
    public EndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public bool WantsRead => _loop.Now >= _pausedUntil;

    /// <inheritdoc/>
    public bool WantsWrite => false;

    /// <inheritdoc/>
    public TimeSpan Deadline => _loop.Now < _pausedUntil ? _pausedUntil : TimeSpan.MaxValue;

    /// <inheritdoc/>
    public void OnReadable()
    {
        for (int count = 0; count < AcceptsAtOnce; count++)
        {
            Socket accepted;
            try
            {
                accepted = Socket.Accept();
            }
            catch (SocketException exception)
            {
                if (exception.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                {
                    _pausedUntil = _loop.Now + TimeSpan.FromMilliseconds(10);
                }

                return; // Nobody waits any more, or one was reset before it was accepted.
            }

            while (_unsorted.Count >= UnsortedMax && _unsorted.TryDequeue(out Unsorted? oldest))
            {
                oldest.Close();
            }

            var unsorted = new Unsorted(this, accepted);
            _unsorted.Enqueue(unsorted);
            _loop.Add(unsorted);
        }
    }

    /// <inheritdoc/>
    public void OnWritable()
    {
    }

    /// <inheritdoc/>
    public void OnDeadline()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _loop.Post(() =>
    {
        _loop.Remove(this);
        Socket.Dispose();
        while (_unsorted.TryDequeue(out Unsorted? unsorted))
        {
            unsorted.Close();
        }
    });

    /// <summary>A connection of which nothing is known yet.</summary>
    private sealed class Unsorted(LaneListener listener, Socket socket) : IPolled
    {
        private bool _isSorted;

        public Socket Socket => socket;

        public bool WantsRead => true;

        public bool WantsWrite => false;

        public TimeSpan Deadline { get; } = listener._loop.Now + s_speakWithin;

        public void OnReadable()
        {
            Span<byte> first = stackalloc byte[PeekBytes];
            int bytes = socket.Receive(first, SocketFlags.Peek, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success || bytes == 0)
            {
                Close();
                return;
            }

            Leave();
            try
            {
                (ClientHelloAlpn.OffersControl(first[..bytes]) ? listener._control : listener._data)(socket);
            }
            catch (SocketException)
            {
                socket.Dispose(); // Reset before the first option was set.
            }
        }

        public void OnWritable()
        {
        }

        public void OnDeadline() => Close();

        public void Close()
        {
            if (!_isSorted)
            {
                Leave();
                socket.Dispose();
            }
        }

        /// <summary>From here it is no concern of the listener's. The queue drops it when it comes up, or with the next ones that are sorted.</summary>
        private void Leave()
        {
            _isSorted = true;
            listener._loop.Remove(this);
            while (listener._unsorted.TryPeek(out Unsorted? oldest) && oldest._isSorted)
            {
                listener._unsorted.Dequeue();
            }
        }
    }
}
