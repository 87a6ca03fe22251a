using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>What waits here, and is given up: at its deadline, or since who made it has no use in waiting.</summary>
internal sealed partial class Connection
{
    /// <summary>The tells of one sender to a target that wait to be sent here are not sent: they fail as overloaded.</summary>
    /// <param name="target">The target.</param>
    /// <param name="sender">Their <see cref="RequestOptions.Sender"/>.</param>
    /// <param name="isStill">Whether that still is who is meant; asked under a lock, so it does nothing else.</param>
    /// <param name="why">A sentence.</param>
    public void GiveUpTells(OutboundTarget target, object sender, Func<bool> isStill, string why)
    {
        var taken = new List<ParkedSend>();
        _sendQueue.TakeTells(target, sender, isStill, taken);
        foreach (ParkedSend parked in taken)
        {
            Fail(parked, AskEnd.Overloaded, why);
        }

        if (IsRetired)
        {
            Successor?.GiveUpTells(target, sender, isStill, why); // What waited here was passed on.
        }

        PumpIfWaiting(); // What stood behind them may fit.
    }

    private void SweepAsks(long now)
    {
        _pending.TrimIfUseful();
        _pending.TakeExpired(now, this, static (self, ask) =>
        {
            self.PutOwn(FrameKind.Cancel, default, ask.Correlation);
            self.FailAsk(ask, AskEnd.TimedOut, "no answer within its time");
        });

        if (_sendQueue.RequestCount == 0)
        {
            return;
        }

        var expired = new List<ParkedSend>();
        _sendQueue.TakeExpired(now, expired);
        foreach (ParkedSend parked in expired)
        {
            Fail(parked, AskEnd.Overloaded, "its deadline passed while it waited for the peer to take more requests");
        }

        Pump();
    }
}
