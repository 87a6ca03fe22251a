using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Context;
using Kameo.Actors.Diagnostics;
using Kameo.Actors.Placement;

namespace Kameo.Actors.Calls;

/// <summary>A local ask that runs on its caller's stack: what <see cref="ActorReference"/> begins and ends around the method. Hops 1, 3, 7, 8 and 9 at once, for an actor that is idle.</summary>
/// <remarks>
/// The caller's thread is the activation's executor meanwhile (<see cref="Activation.TryEnterInline"/>). Synchronisation and execution context are the callee's during the run, the caller's after it. It takes no lock, allocates
/// nothing and reads no clock, but for one run in some that is timed, and that of the lease, where the node has one, before the run and after it. It is inlined into its two callers, so that its fields are locals.
/// </remarks>
internal ref struct InlineRun
{
    private const long NotTimed = long.MinValue;

    private InlineThread _thread;
    private ActorMethod _method;
    private Activation _activation;
    private Turn _turn;
    private SynchronizationContext? _context;
    private ExecutionContext _flow;
    private long _started;

    /// <summary>The actor.</summary>
    public readonly object Actor => _activation.Instance!;

    /// <summary>The turn of the actor.</summary>
    public readonly Turn Turn => _turn;

    /// <summary>Whether the answer may be let out: the node's lease lasts.</summary>
    public readonly bool MayAnswer => _activation.MayEnterOn(_thread);

    /// <summary>Begins it, if everything allows it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="route">Where the reference met its actor last.</param>
    /// <param name="method">What is asked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBegin(ActorNode node, ActorRoute? route, ActorMethod method)
    {
        if (route is null || !ReferenceEquals(route.Hosts, node.Hosts.Current) || !route.IsHere || !node.WithoutHost.IsEmpty || route.Activation is not { InlinesAsks: true, IsScheduled: false } activation)
        {
            return false; // Not of this node as far as is known, not met yet, or not to be called so; or busy.
        }

        InlineThread thread = InlineThread.Current;
        SynchronizationContext? context = SynchronizationContext.Current;
        Turn? caller = Activations.Turn.Of(context);
        if (!thread.HasRoom || method.Pace.IsLong || (context is not null && caller is null) || !ReferenceEquals(TaskScheduler.Current, TaskScheduler.Default))
        {
            return false;
        }

        ExecutionContext? flow = ExecutionContext.Capture();
        if (flow is null || node.Metrics.MeasuresAny || ActorTracing.IsToSee(caller) || activation.TryEnterInline(method.Options, caller?.Activation, thread) is not { } turn)
        {
            return false;
        }

        _thread = thread;
        _method = method;
        _activation = activation;
        _turn = turn;
        _context = context;
        _flow = flow;
        thread.Depth++;
        thread.Runs++;
        SynchronizationContext.SetSynchronizationContext(turn);
        if (!ReferenceEquals(flow, CleanFlow.Value))
        {
            EnterFlow();
        }

        if (activation.Instance is null && !TryConstruct(activation, turn, thread, context, flow))
        {
            return false;
        }

        _started = thread.IsSample(method.Pace.Number) ? activation.Node.Clock.Provider.GetTimestamp() : NotTimed;
        turn.BeginInline(method, caller);
        return true;
    }

    /// <summary>Ends it: everything is the caller's again.</summary>
    /// <param name="turnEnded">Whether the turn is over; else it goes on as a queued call's would.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void End(bool turnEnded)
    {
        if (_started != NotTimed)
        {
            _method.Pace.TimedInline(_activation.Node.Clock.Provider.GetElapsedTime(_started), turnEnded);
        }

        if (turnEnded)
        {
            _turn.EndAlone();
            _activation.EndInlineTurn(_turn);
        }

        _thread.Depth--;
        ExecutionContext.Restore(_flow);
        SynchronizationContext.SetSynchronizationContext(_context);
        _activation.LeaveInline();
    }

    /// <summary>The actor is made for this ask.</summary>
    /// <returns>False if it is to be queued all the same: everything is the caller's again.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryConstruct(Activation activation, Turn turn, InlineThread thread, SynchronizationContext? context, ExecutionContext flow)
    {
        bool mayRun = activation.TryConstructInline(thread);

        // What the constructor left on the thread is not for the method, nor for the caller.
        ExecutionContext.Restore(flow);
        if (mayRun)
        {
            SynchronizationContext.SetSynchronizationContext(turn);
            if (!ReferenceEquals(flow, CleanFlow.Value))
            {
                EnterFlow();
            }

            return true;
        }

        thread.Depth--;
        SynchronizationContext.SetSynchronizationContext(context);
        activation.EndInlineTurn(turn);
        activation.LeaveUnbegun();
        return false;
    }

    /// <summary>The caller's flow is not for the callee, but for its request context.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EnterFlow()
    {
        RequestContextValues? context = RequestContext.Current;
        ExecutionContext.Restore(CleanFlow.Value);
        if (context is not null)
        {
            RequestContext.Enter(context);
        }
    }
}
