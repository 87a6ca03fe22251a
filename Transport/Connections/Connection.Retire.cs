using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>
/// Leaving one of two connections to the same peer without breaking order or losing an answer: this side stops sending requests in one atomic step when none is under
/// way, says so when all its own answers are in, and the connection ends when both sides have said it.
/// </summary>
/// <remarks>Driven by the peer's tick. A retired connection that does not come to its end in <see cref="RetireMillisecondsMax"/> is closed all the same.</remarks>
internal sealed partial class Connection
{
    /// <summary>Longest time a retired connection may wait for answers. As long as an ask lives by default.</summary>
    private const int RetireMillisecondsMax = 30_000;

    /// <summary>Longest time it may take to answer a ping before it counts as dead: longer than for a choice between two, since here a wrong guess loses answers.</summary>
    private const int RetireAnswerMillisecondsMax = 5_000;

    /// <summary>How long requests go on over the older connection before they are held, so that it comes to rest.</summary>
    private const int RetireQuietlyMilliseconds = 300;

    /// <summary>How long they are held at most; a slow receiver may keep its window longer than that, and must not hold up its peers.</summary>
    private const int RetireHoldMillisecondsMax = 500;

    /// <summary>After a hold that was in vain.</summary>
    private const int RetireHoldAgainMilliseconds = 5_000;

    private volatile bool _holdsRequests;
    private long _holdChanges;
    private long _retireBegun;
    private int _pongsBeforeRetiring;
    private bool _retireTold;
    private int _peerRetired;

    /// <summary>Where requests go once this connection is retired. Set before it retires; one that has ended itself meanwhile is passed over for its own successor.</summary>
    public Connection? Successor
    {
        get
        {
            Connection? next = Volatile.Read(ref field);
            while (next is { State: not ConnectionState.Open, Successor: { } further })
            {
                next = further;
            }

            return next;
        }

        set => Volatile.Write(ref field, value);
    }

    /// <summary>Whether this side sends no more requests here.</summary>
    public bool IsRetired => _window.IsRetired;

    /// <summary>One step of retiring; called at each tick until the connection ends.</summary>
    /// <returns>True when it is closed or over.</returns>
    public bool StepRetire(long now)
    {
        if (State != ConnectionState.Open)
        {
            return true;
        }

        if (_retireBegun == 0)
        {
            _retireBegun = now;
            _pongsBeforeRetiring = PongCount;
            _holdChanges = now + RetireQuietlyMilliseconds;
            Ping();
        }
        else if (PongCount == _pongsBeforeRetiring && now - _retireBegun > RetireAnswerMillisecondsMax)
        {
            Close(CloseReason.Duplicate, "another connection to the same peer took over, and this one is dead");
            return true;
        }

        if (!IsRetired && !TryRetire(now))
        {
            Ping(); // Its answer brings all credit that is due.
        }

        if (IsRetired && !_retireTold && PendingCount == 0 && StreamCount == 0)
        {
            _retireTold = true;
            PutOwn(FrameKind.Pause, default);
        }

        if ((_retireTold && Volatile.Read(ref _peerRetired) != 0) || (now - _retireBegun > RetireMillisecondsMax && StreamCount == 0))
        {
            Close(CloseReason.Duplicate, "another connection to the same peer took over");
            return true;
        }

        return false;
    }

    /// <summary>Stops sending requests if none is under way; one atomic step against every sender. Under load that moment is made by holding new requests for a little.</summary>
    private bool TryRetire(long now)
    {
        if (_sendQueue.TryHandOver(_window, PassOn))
        {
            _holdsRequests = false;
            return true;
        }

        if (now >= _holdChanges)
        {
            _holdsRequests = !_holdsRequests;
            _holdChanges = now + (_holdsRequests ? RetireHoldMillisecondsMax : RetireHoldAgainMilliseconds);
            if (!_holdsRequests)
            {
                Pump();
            }
        }

        return false;
    }

    /// <summary>Sends a request that waited here over the connection that takes over.</summary>
    private void PassOn(ParkedSend parked)
    {
        Connection successor = Successor!;
        if (parked.IsOrdered)
        {
            successor.PutOrdered(parked.Payload);
            parked.Drop();
            return;
        }

        _streamsOut.Move(parked.Streams, successor._streamsOut);
        var options = new RequestOptions(parked.DeadlineMilliseconds)
        {
            HopsLeft = parked.Frame[HopsLeftOffset],
            InsideTurn = parked.InsideTurn,
            Sender = parked.Sender,
            Extensions = parked.Extensions,
            Streams = parked.Streams,
            IsPayloadStreamed = (parked.Frame[FlagsOffset] & (byte)FrameFlags.Streamed) != 0,
        };
        if (parked.Ask is { } ask)
        {
            successor.Ask(ask, parked.Target!, parked.Method, options, parked.Payload);
            parked.Drop();
            if (ask.IsCancelWanted)
            {
                successor.CancelAsk(ask);
            }

            return;
        }

        ValueTask sent = successor.Tell(parked.Target!, parked.Method, options, parked.Payload);
        _ = CompleteAfterAsync(sent, parked);
    }

    private async Task CompleteAfterAsync(ValueTask sent, ParkedSend parked)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (TransportException exception)
        {
            parked.FailWith(exception);
        }

        Node.Post(parked);
    }
}
