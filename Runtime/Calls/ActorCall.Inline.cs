using Kameo.Actors.Activations;

namespace Kameo.Actors.Calls;

/// <summary>A call whose turn began on the caller's stack and goes on as one of a queued call.</summary>
public abstract partial class ActorCall
{
    /// <summary>Becomes the call of a turn that runs already. In the executor, by the caller.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="resultIsReady">Whether the method has ended, and only its result is missing.</param>
    /// <returns>What the caller is told if too many asks wait for an answer: then nobody waits for this one.</returns>
    internal Exception? BeginAfter(Turn turn, bool resultIsReady)
    {
        DeadlineMilliseconds = turn.DeadlineMilliseconds;
        Turn? caller = turn.Caller;
        _resultIsReady = resultIsReady;
        HeldBy(2); // The caller and the turn.
        turn.Activation.BeginTurn(Method.Options);
        JoinTurn(turn);
        if (Node.LocalAsks.TryAdd(this))
        {
            caller?.Note(this); // This is its thread.
            return null;
        }

        HeldBy(1);
        IsTell = true;
        return new ActorCallException(CallOutcome.MayHaveRun, Target, null, $"The call of {Target} may have run: {Node.Options.LocalAsksMax} asks wait for actors of this node already, so nobody waits for its answer.");
    }

    /// <summary>Becomes the call of a turn that a <see cref="LocalTell"/> began. In the executor.</summary>
    internal void BeginTellAfter(Turn turn)
    {
        IsTell = true;
        DeadlineMilliseconds = long.MaxValue;
        HeldBy(1);
        JoinTurn(turn);
    }

    /// <summary>Becomes the call of a turn that a request of a peer began. In the executor.</summary>
    internal void BeginInboundAfter(Turn turn, in InboundCall request, bool resultIsReady)
    {
        Begin(turn.Activation.Node, turn.Activation.Id, request.Origin, request.IsTell, request.Correlation, request.Deadline);
        _resultIsReady = resultIsReady;
        JoinTurn(turn);
    }

    private void JoinTurn(Turn turn)
    {
        Node = turn.Activation.Node;
        Target = turn.Activation.Id;
        Turn = turn;
        Volatile.Write(ref _stage, Started); // Before anybody can find it who would withdraw it.
        Forwarded = turn.Forwarded;
        turn.Begin(this);
    }
}
