using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Kameo.Actors.Transport.Links.Epoll.LinuxCalls;

namespace Kameo.Actors.Transport.Links.Epoll;

/// <summary>
/// Waits on many sockets at once and reads, opens and dispatches in place; what is short then runs in place, too (<see cref="LoopCrew"/>): no thread hop between the kernel and the actor. Linux only.
/// </summary>
/// <remarks>
/// <para>Edge-triggered: a socket is added once, for both directions; no system call changes its interest later. A link is read once a
/// turn, so that no busy one starves the others and what was read runs soon. If that was all that fits, there may be more, of which no edge tells: then the link waits in a list, and the next turn reads on.</para>
/// <para>Bounds: one receive buffer for all links; links are bounded by the limit on connections.</para>
/// </remarks>
internal sealed unsafe class EpollLoop : ILoopBody, IDisposable
{
    /// <summary>Bytes of one receive: four full TLS records, less their frames. More at a time keeps the other end waiting for its first answer.</summary>
    public const int ReceiveBytes = 64 * 1024;

    private const int EventsPerWait = 128;
    private const ulong WakeId = 0;

    /// <summary>50 us: as long as it may take to put a core to sleep and wake it again. A loop whose last wait was about as short looks for so long before it sleeps; others get the core between looks.</summary>
    private static readonly long s_lookFor = Stopwatch.Frequency / 20_000;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true);
    private readonly byte[] _events = GC.AllocateArray<byte>(EventsPerWait * EventBytes, pinned: true);
    private readonly ConcurrentDictionary<ulong, EpollLink> _links = new();
    private readonly ConcurrentQueue<EpollLink> _ending = new();
    private readonly Queue<EpollLink> _unread = new();
    private readonly LoopCrew _crew;

    /// <summary>Held around uses of the loop's descriptors on other threads: when a link is added or ended, never for a message.</summary>
    private readonly Lock _gate = new();
    private bool _isClosed;
    private long _nextId;
    private bool _looksBeforeSleep;
    private volatile bool _stopping;

    /// <summary>Starts it.</summary>
    /// <param name="name">Of its threads.</param>
    /// <exception cref="Win32Exception">The kernel has no descriptor left.</exception>
    public EpollLoop(string name)
    {
        _epoll = Check(EpollCreate(EpollCloseOnExec));
        _wake = Check(EventFd(0, EventFdNonBlocking | EpollCloseOnExec));
        Control(EpollAdd, _wake, EpollIn | EpollEdge, WakeId);
        _crew = new LoopCrew(this, name);
    }

    /// <summary>Adds a link; its events begin.</summary>
    public void Add(EpollLink link)
    {
        ulong id = (ulong)Interlocked.Increment(ref _nextId);
        link.Id = id;
        _links[id] = link;
        lock (_gate)
        {
            if (!_isClosed)
            {
                Control(EpollAdd, link.Descriptor, EpollIn | EpollOut | EpollRdHup | EpollEdge, id);
                return;
            }
        }

        Remove(link, null); // The loop is over: nobody else will.
    }

    /// <summary>Asks the loop to end a link: its receiver is told from the loop's thread, so never beside a receive.</summary>
    public void End(EpollLink link)
    {
        _ending.Enqueue(link);
        Wake();
    }

    /// <summary>Stops after the links that are ending have been told.</summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        _crew.WaitForEnd();
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private void Control(int operation, int descriptor, int interest, ulong id)
    {
        byte* @event = stackalloc byte[16];
        Unsafe.WriteUnaligned(@event, interest);
        Unsafe.WriteUnaligned(@event + EventDataOffset, id);
        Check(EpollControl(_epoll, operation, descriptor, @event));
    }

    private void Wake()
    {
        ulong one = 1;
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            LinuxCalls.Write(_wake, (byte*)&one, sizeof(ulong)); // Full (EAGAIN) means that a wake-up is under way already.
        }
    }

    /// <inheritdoc/>
    int ILoopBody.Wait()
    {
        int events = Poll(0);
        if (events != 0 || _unread.Count > 0 || !_ending.IsEmpty)
        {
            return events;
        }

        long began = Stopwatch.GetTimestamp();
        while (_looksBeforeSleep)
        {
            Thread.Yield();
            events = Poll(0);
            if (events != 0)
            {
                return events;
            }

            _looksBeforeSleep = Stopwatch.GetTimestamp() - began < s_lookFor;
        }

        events = Poll(-1);
        _looksBeforeSleep = Stopwatch.GetTimestamp() - began < 2 * s_lookFor;
        return events;
    }

    private int Poll(int milliseconds)
    {
        fixed (byte* events = _events)
        {
            return EpollWait(_epoll, events, EventsPerWait, milliseconds);
        }
    }

    /// <inheritdoc/>
    bool ILoopBody.Handle(int events)
    {
        int unread = _unread.Count; // Before this turn's.
        for (int index = 0; index < events; index++)
        {
            ref byte @event = ref _events[index * EventBytes];
            ulong id = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref @event, EventDataOffset));
            if (id == WakeId)
            {
                ulong wakes;
                LinuxCalls.Read(_wake, (byte*)&wakes, sizeof(ulong));
            }
            else if (_links.TryGetValue(id, out EpollLink? link))
            {
                OnEvents(link, Unsafe.ReadUnaligned<int>(ref @event));
            }
        }

        for (; unread > 0; unread--)
        {
            EpollLink link = _unread.Dequeue();
            link.IsUnread = false;
            ReadSome(link);
        }

        while (_ending.TryDequeue(out EpollLink? link))
        {
            Remove(link, null);
        }

        return !_stopping || !_ending.IsEmpty;
    }

    /// <inheritdoc/>
    void ILoopBody.End()
    {
        // Before the descriptors' numbers may mean something else: partner: every use of them on another thread.
        lock (_gate)
        {
            _isClosed = true;
            LinuxCalls.Close(_wake);
            LinuxCalls.Close(_epoll);
        }

        foreach (EpollLink link in _links.Values)
        {
            Remove(link, null);
        }
    }

    private void OnEvents(EpollLink link, int events)
    {
        if ((events & (EpollOut | EpollErr | EpollHup)) != 0)
        {
            _ = link.OnWritable(); // A rest that is left waits for the next edge.
        }

        if ((events & (EpollRdHup | EpollErr | EpollHup)) != 0)
        {
            link.IsEndAnnounced = true; // Behind what is still to be read, and no edge comes for it again.
        }

        if (!link.IsUnread && (events & (EpollIn | EpollRdHup | EpollErr | EpollHup)) != 0)
        {
            ReadSome(link);
        }
    }

    private void ReadSome(EpollLink link)
    {
        nint received = -1;
        int error = Interrupted;
        while (error == Interrupted)
        {
            if (link.IsEnded)
            {
                return;
            }

            fixed (byte* buffer = _buffer)
            {
                received = Receive(link.Descriptor, buffer, ReceiveBytes, 0);
            }

            error = received >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }

        if (received > 0)
        {
            link.Receiver.OnReceived(_buffer.AsSpan(0, (int)received));
            if (received == ReceiveBytes || link.IsEndAnnounced)
            {
                link.IsUnread = true; // A short read has emptied the socket; what comes later, an end as well, is a new edge.
                _unread.Enqueue(link);
            }
        }
        else if (error != WouldBlock)
        {
            Remove(link, error == 0 ? null : new Win32Exception(error));
        }
    }

    private void Remove(EpollLink link, Exception? error)
    {
        if (_links.TryRemove(link.Id, out _))
        {
            link.OnRemoved(error);
        }
    }
}
