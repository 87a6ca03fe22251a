using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Asks;

namespace Kameo.Actors.Activations;

/// <summary>The asks of actors on this node that wait for an answer: who takes one out completes it, be it the turn, its deadline, or its caller's token. Thread safe, without locks.</summary>
/// <param name="budget">The node's bound on asks.</param>
/// <param name="asksMax">Most asks at a time.</param>
internal sealed class LocalAsks(PendingBudget budget, int asksMax)
{
    private readonly PendingTable _pending = new(budget, asksMax);

    /// <summary>How many wait.</summary>
    public int Count => _pending.Count;

    /// <summary>Adds an ask.</summary>
    /// <returns>False if there are too many.</returns>
    public bool TryAdd(ActorCall call) => _pending.TryAdd(call, call.DeadlineMilliseconds, out _);

    /// <summary>Takes an ask out.</summary>
    /// <returns>False if somebody else has: it is complete already.</returns>
    public bool TryTake(ActorCall call) => _pending.TryTake(call.Correlation) is not null;

    /// <summary>The caller's token fired.</summary>
    public void Cancel(ActorCall call)
    {
        if (TryTake(call))
        {
            call.CancelTurn();
            call.FailTaken(AskEnd.Cancelled, "cancelled by its caller");
        }
    }

    /// <summary>The node's incarnation is over: no turn that would answer is resumed.</summary>
    public void FailAll(string why) =>
        _pending.TakeAll(why, static (why, ask) =>
        {
            var call = (ActorCall)ask;
            call.CancelTurn();
            call.FailTaken(AskEnd.ConnectionLost, why);
        });

    /// <inheritdoc cref="PendingTable.Read"/>
    public void Read<T>(List<T> into, int max, Func<PendingAsk, T> read) => _pending.Read(into, max, read);

    /// <summary>Fails the asks whose deadline has passed.</summary>
    public void Sweep(long now) =>
        _pending.TakeExpired(now, this, static (_, ask) =>
        {
            var call = (ActorCall)ask;
            call.CancelTurn();
            call.FailTaken(AskEnd.TimedOut, "no answer within its time");
        });
}
