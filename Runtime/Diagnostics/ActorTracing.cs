using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;

namespace Kameo.Actors.Diagnostics;

/// <summary>The spans of calls: activity source <c>Kameo.Actors</c>. One for the caller, from the call to its answer, and under it one for the turn, on whatever node that is.</summary>
/// <remarks>
/// Asks are client and server spans, tells producer and consumer. While nobody listens a call costs a look at <see cref="Activity.Current"/> and at the turn; a trace context that the caller has, or that came with
/// the call that the turn runs, is passed on all the same, sampled or not. Names and attributes follow OpenTelemetry's conventions for RPC.
/// </remarks>
internal static class ActorTracing
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "Kameo.Actors";

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>Whether somebody listens.</summary>
    public static bool HasListeners => s_source.HasListeners();

    /// <summary>Whether a call made here has something of a trace, or somebody wants to see it: then it is a call object.</summary>
    /// <param name="caller">The turn that it is made in, if any.</param>
    public static bool IsToSee(Turn? caller) => s_source.HasListeners() || caller is { Call.Trace: not null } || Activity.Current is not null;

    /// <summary>What a call made here has of a trace.</summary>
    /// <returns>Null for nothing: nobody listens, and the caller is not traced.</returns>
    public static CallTrace? Begin(ActorReference reference, ActorCall call)
    {
        Activity? current = Activity.Current;
        byte[]? passed = current is null ? Turn.Current?.Call?.Trace?.Parent : null;
        return current is not null || passed is not null || s_source.HasListeners() ? Begin(reference, call, current, passed) : null;
    }

    /// <summary>The span of a turn that begins. In the turn: it is <see cref="Activity.Current"/> there until it ends.</summary>
    /// <param name="call">The call that the turn runs.</param>
    /// <param name="isRemote">Whether that came from another node.</param>
    public static void BeginTurn(ActorCall call, bool isRemote)
    {
        if (s_source.HasListeners())
        {
            BeginSeenTurn(call, isRemote);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BeginSeenTurn(ActorCall call, bool isRemote)
    {
        ActivityContext parent = call.Trace?.Parent is { } extension ? TraceExtension.Decode(extension, isRemote) : default;
        if (s_source.StartActivity(call.Method.ToString(), call.IsTell ? ActivityKind.Consumer : ActivityKind.Server, parent) is { } span)
        {
            Describe(span, call.Method);
            if (span.IsAllDataRequested)
            {
                span.SetTag("kameo.actor", call.Target.ToString());
                span.SetTag("kameo.node", call.Node.Id.ToShortString());
            }

            (call.Trace ??= new CallTrace()).Server = span;
        }
    }

    /// <summary>A span ends here; this flow's <see cref="Activity.Current"/> stays.</summary>
    public static void End(Activity span, Exception? failure)
    {
        if (failure is not null and not OperationCanceledException)
        {
            span.SetStatus(ActivityStatusCode.Error, failure.Message);
            span.SetTag("error.type", failure.GetType().FullName);
            if (failure is ActorCallException { Outcome: var outcome })
            {
                span.SetTag("kameo.outcome", outcome.ToString());
            }
        }

        Activity? current = Activity.Current;
        span.Stop();
        Activity.Current = ReferenceEquals(current, span) ? Activity.Current : current;
    }

    /// <summary>The span of a tell ends when that has been sent, or could not be.</summary>
    public static async ValueTask EndWithAsync(Activity span, ValueTask sent)
    {
        try
        {
            await sent.ConfigureAwait(false);
            End(span, null);
        }
        catch (Exception exception)
        {
            End(span, exception);
            throw;
        }
    }

    private static CallTrace? Begin(ActorReference reference, ActorCall call, Activity? current, byte[]? passed)
    {
        ActivityContext parent = passed is null ? default : TraceExtension.Decode(passed, isRemote: true);
        Activity? span = s_source.StartActivity(call.Method.ToString(), call.IsTell ? ActivityKind.Producer : ActivityKind.Client, parent);
        if (span is null)
        {
            byte[]? carried = passed ?? (current is null ? null : TraceExtension.Encode(current));
            return carried is null ? null : new CallTrace { Parent = carried };
        }

        Activity.Current = current; // It is the call's, not the caller's.
        Describe(span, call.Method);
        if (span.IsAllDataRequested)
        {
            span.SetTag("kameo.target", reference.ToString());
        }

        return new CallTrace { Client = span, Parent = TraceExtension.Encode(span) };
    }

    private static void Describe(Activity span, ActorMethod method)
    {
        if (span.IsAllDataRequested)
        {
            span.SetTag("rpc.system", "kameo");
            span.SetTag("rpc.service", method.Interface.Name);
            span.SetTag("rpc.method", method.Name);
        }
    }
}
