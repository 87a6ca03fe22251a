using System.ComponentModel;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>
/// A thread with a ring of its own: the kernel receives for many links, one system call brings in all that came, and it is opened and dispatched in place. Linux only.
/// </summary>
/// <remarks>
/// <para>Only this thread touches the ring; others post commands and wake it (<see cref="UringMailbox"/>). Sends do not pass through here: see <see cref="UringLink"/>.</para>
/// <para>A link's slot is free again, its socket closed and its receiver told only when every operation on it has had its last completion, and the ring and the buffers are freed
/// only when no link is left and the wake-up's read has come back. So no completion finds its link gone, and the kernel never writes to freed memory.</para>
/// <para>Fairness: the kernel hands a link at most as many buffers as there are. Links that got none while others had them are armed before those others.</para>
/// </remarks>
internal sealed class UringLoop : IDisposable
{
    private const ushort ReceiveMultishot = 1 << 1;
    private const byte SelectBuffer = 1 << 5;
    private const uint PollOut = 0x004;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int NoBuffers = 105;

    private readonly IUringKernel _kernel;
    private readonly UringFeatures _allowed;
    private readonly int _bufferCount;
    private readonly UringMailbox _mailbox = new();
    private readonly List<UringLink?> _links = [];
    private readonly Stack<int> _freeSlots = new();
    private readonly Queue<UringLink> _starved = new();
    private readonly Queue<UringLink> _unarmed = new();
    private readonly TaskCompletionSource _opened = new();
    private readonly Thread _thread;
    private UringQueue _queue = null!;
    private UringBuffers _buffers = null!;
    private int _linkCount;
    private bool _hasMultishot;
    private volatile bool _stopping;

    /// <summary>Starts the thread and opens its ring.</summary>
    /// <param name="name">The thread's name.</param>
    /// <param name="kernel">Where the system calls go.</param>
    /// <param name="allowed">What may be used when the kernel has it.</param>
    /// <param name="bufferCount">How many receive buffers its links share.</param>
    /// <exception cref="UringUnavailableException">There is no io_uring here; nothing is left behind.</exception>
    public UringLoop(string name, IUringKernel kernel, UringFeatures allowed, int bufferCount)
    {
        _kernel = kernel;
        _allowed = allowed;
        _bufferCount = bufferCount;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
        try
        {
            _opened.Task.GetAwaiter().GetResult();
        }
        catch
        {
            _thread.Join();
            throw;
        }
    }

    /// <summary>What is in use.</summary>
    public UringFeatures Features { get; private set; }

    /// <summary>Any thread: begins to receive for a link.</summary>
    public void Add(UringLink link) => Post(link, UringCommandKind.Add);

    /// <summary>Any thread: tells the link once its socket has room.</summary>
    public void WatchRoom(UringLink link) => Post(link, UringCommandKind.WatchRoom);

    /// <summary>Any thread: ends a link. Its receiver is told from the loop's thread, never beside a receive.</summary>
    public void End(UringLink link) => Post(link, UringCommandKind.End);

    /// <summary>Ends every link, and the thread when the kernel is done with all of them.</summary>
    public void Dispose()
    {
        _stopping = true;
        _mailbox.Wake();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    /// <summary>The submission that receives into a buffer which the kernel chooses.</summary>
    public static SubmissionEntry ReceiveEntry(int descriptor, int slot, bool isMultishot) => new()
    {
        Operation = UringOperation.Receive,
        Flags = SelectBuffer,
        ReceiveFlags = isMultishot ? ReceiveMultishot : (ushort)0,
        Descriptor = descriptor,
        Length = isMultishot ? 0 : (uint)UringBuffers.BufferBytes, // Multishot takes each buffer's own length and refuses another.
        BufferGroup = UringBuffers.Group,
        UserData = UringTag.Of(UringTagKind.Receive, slot),
    };

    private void Post(UringLink link, UringCommandKind kind)
    {
        if (!_mailbox.Post(new UringCommand(link, kind), isLoop: Thread.CurrentThread == _thread))
        {
            link.OnRemoved(null); // The loop is over: nothing of the link is under way.
        }
    }

    private void Run()
    {
        try
        {
            _queue = UringQueue.Open(_kernel, _allowed);
            _buffers = new UringBuffers(_queue, _allowed, _bufferCount);
            _hasMultishot = UringProbe.HasMultishot(_queue, _buffers, (_allowed & UringFeatures.Multishot) != 0);
            Features = _queue.Features | (_buffers.HasRing ? UringFeatures.BufferRing : 0) | (_hasMultishot ? UringFeatures.Multishot : 0);
            _mailbox.Arm(_queue);
        }
        catch (UringUnavailableException exception)
        {
            _queue?.Dispose(); // Whoever refuses has nothing under way: the probe waits for its last completion.
            _buffers?.Dispose();
            _mailbox.Close(isReadOver: true);
            _opened.SetException(exception);
            return;
        }
        catch (Exception exception)
        {
            // A filter that lets a ring be set up but not be entered, or a bug: the kernel may hold memory, so none of it is freed.
            _queue?.Dispose();
            _opened.SetException(new UringUnavailableException(exception.Message.TrimEnd('.')));
            return;
        }

        _opened.SetResult();
        try
        {
            RunTurns();
        }
        catch (Exception exception)
        {
            // An invariant of the ring failed. The kernel ends what is under way when the ring is closed, but at a time of its own: so no memory that it may write to is freed.
            _queue.Dispose();
            FailAll(exception);
            return;
        }

        _queue.Dispose();
        _buffers.Dispose();
        CloseMailbox(isReadOver: true);
    }

    private void RunTurns()
    {
        while (true)
        {
            // Before the wait: whatever another thread posts after this has woken, or will wake, the read that is armed.
            while (_mailbox.TryTake(out UringCommand command))
            {
                Handle(command);
            }

            if (_stopping && EndAll())
            {
                return;
            }

            Arm(_starved);
            Arm(_unarmed);
            _queue.Enter(wait: !_mailbox.HasCommands);
            while (_queue.TryTake(out CompletionEntry completion))
            {
                Handle(completion);
            }
        }
    }

    private void Handle(in UringCommand command)
    {
        UringLink link = command.Link;
        switch (command.Kind)
        {
            case UringCommandKind.Add when link.State == UringLinkState.New:
                link.Slot = _freeSlots.TryPop(out int free) ? free : _links.Count;
                if (link.Slot == _links.Count)
                {
                    _links.Add(link);
                }
                else
                {
                    _links[link.Slot] = link;
                }

                _linkCount++;
                link.State = UringLinkState.Open;
                _unarmed.Enqueue(link);
                break;

            case UringCommandKind.WatchRoom when link.State == UringLinkState.Open && !link.IsWatched:
                Watch(link);
                break;

            case UringCommandKind.End when link.State == UringLinkState.New:
                link.State = UringLinkState.Removed; // It ends before it began.
                link.OnRemoved(null);
                break;

            case UringCommandKind.End:
                BeginEnd(link, null);
                break;
        }
    }

    private void Handle(in CompletionEntry completion)
    {
        int number = UringTag.NumberOf(completion.UserData);
        switch (UringTag.KindOf(completion.UserData))
        {
            case UringTagKind.Wake:
                _mailbox.OnWoken();
                _mailbox.Arm(_queue);
                break;

            case UringTagKind.Receive:
                OnReceive(LinkAt(number), completion);
                break;

            case UringTagKind.Writable:
                OnWritable(LinkAt(number));
                break;

            case UringTagKind.Cancel:
                break; // What it meant to end has a last completion of its own, whether this found it or came too late.

            case UringTagKind.Provide:
                if (completion.Result < 0)
                {
                    _buffers.Give(number); // The kernel was short of memory for a moment.
                }

                break;
        }
    }

    private void OnReceive(UringLink link, in CompletionEntry completion)
    {
        int result = completion.Result;
        if (completion.HasBuffer)
        {
            if (result > 0 && link.State == UringLinkState.Open)
            {
                link.HasReceived = true;
                link.Receiver.OnReceived(_buffers.Received(completion.BufferId, result));
            }

            _buffers.Give(completion.BufferId);
        }

        if (completion.HasMore)
        {
            return;
        }

        link.IsReceiving = false;
        if (link.State == UringLinkState.Ending)
        {
            TryFinishEnd(link);
        }
        else if (result > 0 || -result is Interrupted or TryAgain)
        {
            _unarmed.Enqueue(link);
        }
        else if (result == -NoBuffers)
        {
            (link.HasReceived ? _unarmed : _starved).Enqueue(link);
        }
        else
        {
            BeginEnd(link, result == 0 ? null : new Win32Exception(-result));
        }
    }

    private void OnWritable(UringLink link)
    {
        link.IsWatched = false;
        if (link.State == UringLinkState.Ending)
        {
            TryFinishEnd(link);
        }
        else if (!link.OnWritable())
        {
            Watch(link);
        }
    }

    /// <summary>Has the kernel receive for links. Calls nobody.</summary>
    private void Arm(Queue<UringLink> links)
    {
        while (links.TryDequeue(out UringLink? link))
        {
            if (link.State == UringLinkState.Open)
            {
                link.IsReceiving = true;
                link.HasReceived = false;
                _queue.Push(ReceiveEntry(link.Descriptor, link.Slot, _hasMultishot));
            }
        }
    }

    private void Watch(UringLink link)
    {
        link.IsWatched = true;
        _queue.Push(new SubmissionEntry
        {
            Operation = UringOperation.Poll, Descriptor = link.Descriptor, PollEvents = PollOut, UserData = UringTag.Of(UringTagKind.Writable, link.Slot),
        });
    }

    /// <summary>From here on the link delivers nothing; it is removed once its operations have come back.</summary>
    private void BeginEnd(UringLink link, Exception? error)
    {
        if (link.State != UringLinkState.Open)
        {
            return;
        }

        link.State = UringLinkState.Ending;
        link.Error = error;
        if (link.IsReceiving)
        {
            Cancel(UringTag.Of(UringTagKind.Receive, link.Slot));
        }

        if (link.IsWatched)
        {
            Cancel(UringTag.Of(UringTagKind.Writable, link.Slot));
        }

        TryFinishEnd(link);
    }

    private void Cancel(ulong tag) => _queue.Push(new SubmissionEntry { Operation = UringOperation.Cancel, Address = tag, UserData = UringTag.Of(UringTagKind.Cancel, 0) });

    private void TryFinishEnd(UringLink link)
    {
        if (link.IsReceiving || link.IsWatched)
        {
            return;
        }

        link.State = UringLinkState.Removed;
        _links[link.Slot] = null;
        _freeSlots.Push(link.Slot);
        _linkCount--;
        link.OnRemoved(link.Error);
    }

    /// <summary>Stops: true when the kernel has nothing of this loop in its hands any more.</summary>
    private bool EndAll()
    {
        for (int slot = 0; slot < _links.Count; slot++)
        {
            if (_links[slot] is { } link)
            {
                BeginEnd(link, null);
            }
        }

        return _linkCount == 0 && _mailbox.TryDisarm();
    }

    private UringLink LinkAt(int slot)
    {
        UringLink? link = (uint)slot < (uint)_links.Count ? _links[slot] : null;
        UringInvariant.Require(link is not null, "a completion of a link that is gone");
        return link!;
    }

    private void FailAll(Exception exception)
    {
        foreach (UringLink? link in _links)
        {
            link?.OnRemoved(exception);
        }

        CloseMailbox(isReadOver: false);
    }

    private void CloseMailbox(bool isReadOver)
    {
        _mailbox.Close(isReadOver);
        while (_mailbox.TryTake(out UringCommand command))
        {
            command.Link.OnRemoved(null);
        }
    }
}
