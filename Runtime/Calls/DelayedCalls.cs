using Kameo.Actors.Activations;

namespace Kameo.Actors.Calls;

/// <summary>Calls of a node that are sent later. Each is one timer of the node's clock; at most <see cref="ActorNodeOptions.DelayedCallsMax"/> wait at a time, more are refused. Thread safe.</summary>
/// <param name="node">The node.</param>
internal sealed class DelayedCalls(ActorNode node)
{
    private int _count;

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Sends an ask later.</summary>
    public async ValueTask<TResult> AskAsync<TResult>(ActorReference reference, ReferenceTerms terms, ActorCall<TResult> call, CancellationToken cancellation)
    {
        long ends = EndOfTurn();
        await WaitAsync(reference, terms, call, cancellation).ConfigureAwait(false);
        return await Now(reference, Within(terms, call, ends)).Send(call, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc cref="AskAsync{TResult}"/>
    public async ValueTask AskAsync(ActorReference reference, ReferenceTerms terms, VoidActorCall call, CancellationToken cancellation)
    {
        long ends = EndOfTurn();
        await WaitAsync(reference, terms, call, cancellation).ConfigureAwait(false);
        await Now(reference, Within(terms, call, ends)).Send(call, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a tell later.</summary>
    public async ValueTask TellAsync(ActorReference reference, ReferenceTerms terms, ActorCall call, CancellationToken cancellation)
    {
        await WaitAsync(reference, terms, call, cancellation).ConfigureAwait(false);
        await Now(reference, terms).SendTell(call, cancellation).ConfigureAwait(false);
    }

    private static ActorReference Now(ActorReference reference, ReferenceTerms terms) => reference.On(terms with { Delay = TimeSpan.Zero, Recall = default });

    /// <summary>When the turn that asks has to be over, on the node's clock. What is sent later is sent in no turn, so it is looked up before.</summary>
    private static long EndOfTurn() => Turn.Current?.DeadlineMilliseconds ?? long.MaxValue;

    /// <summary>The same terms for what is sent now: no longer than the turn that asked has.</summary>
    private ReferenceTerms Within(ReferenceTerms terms, ActorCall call, long ends)
    {
        if (ends == long.MaxValue)
        {
            return terms;
        }

        TimeSpan timeout = terms.Timeout ?? call.Method.AskTimeout ?? node.AskTimeout;
        var left = TimeSpan.FromMilliseconds(Math.Max(1, ends - node.Clock.NowMilliseconds));
        return left < timeout ? terms with { Timeout = left } : terms;
    }

    /// <summary>Waits until the call is to be sent. If it will not be, the call is let go, and this throws.</summary>
    private async ValueTask WaitAsync(ActorReference reference, ReferenceTerms terms, ActorCall call, CancellationToken cancellation)
    {
        call.HeldBy(1);
        try
        {
            if (Interlocked.Increment(ref _count) > node.Options.DelayedCallsMax)
            {
                throw new OverloadedException(default, null, $"The call of {reference} did not run: {node.Options.DelayedCallsMax} calls wait to be sent later already.");
            }

            call.CopyArguments(); // The caller may change them meanwhile.
            bool fails = Turn.Current is { } turn && !call.IsTell && turn.DeadlineMilliseconds <= node.Clock.After(terms.Delay);
            if (fails)
            {
                throw new AskTimeoutException(CallOutcome.NotRun, default, null, $"The call of {reference} did not run: it would be sent after the turn that awaits it has to be over.");
            }

            using var ends = CancellationTokenSource.CreateLinkedTokenSource(terms.Recall, cancellation, node.Stopping);
            await Task.Delay(terms.Delay, node.Clock.Provider, ends.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            terms.Recall.ThrowIfCancellationRequested();
            cancellation.ThrowIfCancellationRequested();
            if (node.Stopping.IsCancellationRequested)
            {
                throw new NodeUnreachableException(CallOutcome.NotRun, default, null, $"The call of {reference} did not run: the node stopped before it was to be sent.");
            }
        }
        catch
        {
            call.LetGo();
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
