using Kameo.Actors.Transport.Frames;

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

    private long _retireBegun;
    private bool _retireTold;
    private int _peerRetired;

    /// <summary>Where requests go once this connection is retired. Set before it retires.</summary>
    public Connection? Successor { get; set; }

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
        }

        if (!IsRetired && !TryRetire())
        {
            Ping(); // Its answer brings all credit that is due.
        }

        if (IsRetired && !_retireTold && PendingCount == 0)
        {
            _retireTold = true;
            PutOwn(FrameKind.Pause, default);
        }

        if ((_retireTold && Volatile.Read(ref _peerRetired) != 0) || now - _retireBegun > RetireMillisecondsMax)
        {
            Close(CloseReason.Duplicate, "another connection to the same peer took over");
            return true;
        }

        return false;
    }

    /// <summary>Stops sending requests if none is under way or waits; one atomic step against every sender.</summary>
    private bool TryRetire() => !_sendQueue.RequestsWait && _window.TryRetire();
}
