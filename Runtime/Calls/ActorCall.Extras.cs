using Kameo.Actors.Activations;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;
using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Calls;

/// <summary>What an ask of an actor on the same node usually does without, apart from what every call has.</summary>
/// <remarks>
/// A queued ask goes to the processor that runs the actor and comes back: each cache line that both write goes over twice. So what it needs stands together, and the rest
/// is neither written nor read, nor cleared after it, as long as <see cref="_hasExtras"/> is false.
/// </remarks>
public abstract partial class ActorCall
{
    private bool _hasExtras;
    private Kept _kept;
    private Extras _extras;

    /// <summary>Where to write extras. Whoever holds the call, before it is passed on to who reads them.</summary>
    private ref Extras Add()
    {
        _hasExtras = true;
        return ref _extras;
    }

    /// <summary>Objects that it needs now and then, made once: it keeps them in its pool.</summary>
    private struct Kept
    {
        public TurnItem? Wake;
        public TurnItem? Done;
        public Action? OnTaskDone;
        public Action? OnForwardDone;
    }

    /// <summary>Each is described where it is used.</summary>
    private struct Extras
    {
        public ExecutionContext? Flow;
        public Connection? SentThrough;
        public CancellationTokenRegistration CallerCancels;
        public CancellationToken CallerToken;
        public PeerId? SentTo;
        public ActorId Target;
        public long Asked;
        public long Begun;

        public ulong OriginCorrelation;
        public RequestHold Hold;
        public InboundStream[]? InboundStreams;
        public string? ContextFault;
        public CancellationTokenSource? Cancel;

        public object? Forwarded;
        public Action? OnAnswered;
        public bool HasLeftTurn;

        public bool IsRead;
        public string? Unread;
        public bool? Interleaves;
        public bool IsHeldBack;
    }
}
