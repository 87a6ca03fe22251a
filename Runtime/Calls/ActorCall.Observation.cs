using Kameo.Actors.Activations;
using Kameo.Actors.Diagnostics;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>What is seen of a call: spans and measurements. While nobody listens this is a look at a few fields.</summary>
public abstract partial class ActorCall
{
    /// <summary>What it has of a trace; null for nothing.</summary>
    internal CallTrace? Trace { get; set; }

    /// <summary>The actor whose turn awaits it, if one does. A glance: any thread.</summary>
    internal ActorId? AwaitedBy => Turn.Of(_scheduler)?.Activation.Id;

    /// <summary>It is about to be sent. On the caller.</summary>
    internal void BeginObserved(ActorReference reference)
    {
        Trace = ActorTracing.Begin(reference, this);
        if (!IsTell && Node.Metrics.MeasuresAsks)
        {
            Add().Asked = Node.Clock.Provider.GetTimestamp() | 1; // Never 0.
        }
    }

    /// <summary>The caller's half is over: what it failed with is known.</summary>
    private void EndAskObserved()
    {
        if (_hasExtras && _extras.Asked is var asked and not 0)
        {
            Node.Metrics.CountAsk(Method, Since(asked), _error);
        }

        if (Trace?.Client is { } span)
        {
            ActorTracing.End(span, _error);
        }
    }

    /// <summary>Takes over what came with a request that has more extensions than usual.</summary>
    private void TakeTrace(in InboundRequest request)
    {
        if (TraceExtension.Take(request.Extensions) is { } parent)
        {
            Trace = new CallTrace { Parent = parent };
        }
    }

    private void BeginTurnObserved()
    {
        if (Method.HasInterface)
        {
            ActorTracing.BeginTurn(this, IsRemote);
            if (Node.Metrics.MeasuresCalls)
            {
                Add().Begun = Node.Clock.Provider.GetTimestamp() | 1;
            }
        }
    }

    private void FailTurnObserved(Exception exception)
    {
        if (_extras.Begun != 0)
        {
            Node.Metrics.CountFailedCall(Target.ClassName, Method, exception);
        }

        if (Trace is { Server: { } span } trace)
        {
            trace.Server = null;
            ActorTracing.End(span, exception);
        }
    }

    /// <summary>The time since a moment whose lowest bit was set so that it is never 0: by that it may lie ahead of the clock, which a clock of ticks shows.</summary>
    private TimeSpan Since(long moment) => Node.Clock.Provider.GetElapsedTime(moment) is { Ticks: > 0 } passed ? passed : TimeSpan.Zero;

    private void EndTurnObserved()
    {
        if (_hasExtras && _extras.Begun is var begun and not 0)
        {
            Node.Metrics.CountCall(Target.ClassName, Method, Since(begun));
        }

        if (Trace?.Server is { } span)
        {
            ActorTracing.End(span, null);
        }
    }
}
