namespace Kameo.Actors.Transport.Connections;

/// <summary>Frames that wait in order, linked through themselves. Used under the lock of the <see cref="SendQueue"/>.</summary>
/// <param name="pausedTarget">The number of the paused target whose requests wait here; 0 for a lane of many.</param>
internal sealed class ParkedLane(uint pausedTarget = 0)
{
    private ParkedSend? _last;

    /// <summary>The number of the paused target whose requests wait here; 0 for a lane of many.</summary>
    public uint PausedTarget => pausedTarget;

    /// <summary>The one that waits longest.</summary>
    public ParkedSend? First { get; private set; }

    /// <summary>Adds one at the end.</summary>
    public void Add(ParkedSend send)
    {
        send.Lane = this;
        send.Previous = _last;
        if (_last is null)
        {
            First = send;
        }
        else
        {
            _last.Next = send;
        }

        _last = send;
    }

    /// <summary>Takes one out, wherever it stands.</summary>
    public void Remove(ParkedSend send)
    {
        if (send.Previous is null)
        {
            First = send.Next;
        }
        else
        {
            send.Previous.Next = send.Next;
        }

        if (send.Next is null)
        {
            _last = send.Previous;
        }
        else
        {
            send.Next.Previous = send.Previous;
        }

        send.Lane = null;
        send.Previous = null;
        send.Next = null;
    }
}
