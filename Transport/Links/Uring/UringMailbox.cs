using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Links.Epoll;

namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>How other threads reach a loop that waits in the kernel: a queue, and an event descriptor whose read lies in the ring.</summary>
/// <remarks>
/// Bounds: a link posts its beginning, its end, and at most one watch for each send that found no room. The first post after a wake-up costs a system call, those behind it none.
/// </remarks>
internal sealed unsafe class UringMailbox
{
    private readonly int _event;
    private readonly ulong* _count;
    private readonly Lock _closeLock = new();
    private readonly ConcurrentQueue<UringCommand> _commands = new();
    private int _wakeUnderWay;
    private bool _isArmed;
    private bool _isDisarming;
    private volatile bool _isClosed;

    /// <summary>Opens the descriptor.</summary>
    /// <exception cref="UringUnavailableException">None is left.</exception>
    public UringMailbox()
    {
        // Blocking: a read through the ring of one that is not would fail instead of waiting. Nobody calls read(2) on it, and a write waits at 2^64 - 2 wake-ups only.
        _event = LinuxCalls.EventFd(0, LinuxCalls.EpollCloseOnExec);
        if (_event < 0)
        {
            throw UringUnavailableException.Of("eventfd", Marshal.GetLastPInvokeError());
        }

        _count = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));
    }

    /// <summary>Whether there is something to take.</summary>
    public bool HasCommands => !_commands.IsEmpty;

    /// <summary>Any thread: leaves a command and wakes the loop.</summary>
    /// <param name="command">What.</param>
    /// <param name="isLoop">Whether the caller is the loop, which looks before it waits.</param>
    /// <returns>False: the loop is over, and the command was not taken by it.</returns>
    public bool Post(in UringCommand command, bool isLoop)
    {
        if (_isClosed)
        {
            return false;
        }

        _commands.Enqueue(command);
        if (!isLoop)
        {
            Wake();
        }

        // If it was closed meanwhile its last look may have come before: then this thread takes out one in its place, this one or a neighbour's, whose poster does the same.
        if (_isClosed && _commands.TryDequeue(out UringCommand left))
        {
            left.Link.OnRemoved(null);
        }

        return true;
    }

    /// <summary>Any thread: has the loop look.</summary>
    public void Wake()
    {
        // A full fence behind the command. Partner: the exchange in OnWoken, in front of the loop's look: either the loop finds the command, or this finds the flag down and writes.
        if (Interlocked.Exchange(ref _wakeUnderWay, 1) == 0)
        {
            // The lock keeps the descriptor open meanwhile: its number may be somebody else's afterwards. Met once per wake-up.
            lock (_closeLock)
            {
                if (!_isClosed)
                {
                    ulong one = 1;
                    LinuxCalls.Write(_event, (byte*)&one, sizeof(ulong));
                }
            }
        }
    }

    /// <summary>The loop: takes a command.</summary>
    public bool TryTake(out UringCommand command) => _commands.TryDequeue(out command);

    /// <summary>The loop: puts the read into the ring. Its eight bytes are written while it is armed only.</summary>
    public void Arm(UringQueue queue)
    {
        if (_isDisarming)
        {
            return;
        }

        _isArmed = true;
        queue.Push(new SubmissionEntry
        {
            Operation = UringOperation.Read, Descriptor = _event, Address = (ulong)_count, Length = sizeof(ulong), UserData = UringTag.Of(UringTagKind.Wake, 0),
        });
    }

    /// <summary>The loop: the read came back.</summary>
    public void OnWoken()
    {
        _isArmed = false;
        Interlocked.Exchange(ref _wakeUnderWay, 0);
    }

    /// <summary>The loop is about to end: wakes itself a last time, so that the read comes back. True once it has.</summary>
    public bool TryDisarm()
    {
        if (!_isDisarming)
        {
            _isDisarming = true;
            ulong one = 1;
            LinuxCalls.Write(_event, (byte*)&one, sizeof(ulong));
        }

        return !_isArmed;
    }

    /// <summary>The loop is over. Commands that are posted from now on are refused.</summary>
    /// <param name="isReadOver">Whether the read is not under way; else what it writes to, and the descriptor, are left to it.</param>
    public void Close(bool isReadOver)
    {
        lock (_closeLock)
        {
            _isClosed = true;
            if (isReadOver)
            {
                LinuxCalls.Close(_event);
                NativeMemory.Free(_count);
            }
        }
    }
}
