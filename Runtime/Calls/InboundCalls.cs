using Kameo.Actors.Activations;
using Kameo.Actors.Diagnostics;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>
/// Requests of one peer to one actor that one received batch brought: a single item of the mailbox. So they go from core to core in full cache lines that are written once and read once; a call object is made on the core that runs it,
/// and only if its turn needs one (<see cref="InboundForm"/>).
/// </summary>
/// <remarks>
/// Only the usual ones: without streams or anything in their headers but the remaining time, of methods that cannot be cancelled and classes whose turns do not interleave. Any other one has its object from the beginning.
/// The receive loop fills it in before anybody else knows it; then it is its consumer's. It keeps the slab that all of them are in, once; each gives its part of the window back when its turn starts, as ever.
/// </remarks>
internal sealed class InboundCalls : WaitingCalls, ILargeItem
{
    /// <summary>Requests in one.</summary>
    public const int CountMax = 32;

    private readonly Place[] _calls = new Place[CountMax];
    private Connection _origin = null!;
    private TargetLoad? _load;
    private Slab _slab = null!;
    private int _count;
    private int _next;

    /// <inheritdoc/>
    public override ActorMethod Method => _calls[_next].Method;

    /// <summary>Takes one from the pool, for requests of the connection, to the actor and in the slab of this one.</summary>
    public static InboundCalls Rent(ref InboundRequest first, ActorMethod method)
    {
        InboundCalls calls = ExchangePool<InboundCalls>.TryRent(out InboundCalls? pooled) ? pooled : new InboundCalls();
        calls._origin = first.Connection;
        calls._load = first.Hold.Load;
        calls._slab = first.Hold.Slab!;
        calls._slab.Lend();
        calls.Add(ref first, method);
        return calls;
    }

    /// <summary>Adds a request of the same peer to the same actor. The receive loop, before anybody else knows this object.</summary>
    /// <returns>False if it is full, or the request is in another slab.</returns>
    public bool TryAdd(ref InboundRequest request, ActorMethod method)
    {
        if (_count == CountMax || !ReferenceEquals(request.Hold.Slab, _slab))
        {
            return false;
        }

        Add(ref request, method);
        return true;
    }

    /// <inheritdoc/>
    public override int Close() => _count - _next;

    /// <inheritdoc/>
    public override void RunNext(Activation activation, Turn turn)
    {
        InboundCall request = Take(leaves: false);
        ActorMethod method = request.Method;
        ActorNode node = activation.Node;
        if (method.Inbound is { } form && (request.IsTell || request.Deadline > node.Clock.NowMilliseconds) && !activation.IsFiltered && !method.Pace.IsLong && !node.Metrics.MeasuresCalls && !ActorTracing.HasListeners)
        {
            turn.BeginInbound(method, request.IsTell ? long.MaxValue : request.Deadline);
            if (form.TryRun(ref request, activation, turn))
            {
                return;
            }
        }

        turn.EndAlone();
        if (!CallOf(request, node, activation.Id).TryStart(turn, activation.Instance!))
        {
            activation.EndTurn(turn, method.Options);
        }
    }

    /// <inheritdoc/>
    public override ActorCall TakeCall(ActorNode node, ActorId target) => CallOf(Take(leaves: true), node, target);

    /// <inheritdoc/>
    public override void Refuse(ActorNode node, ActorId target, in Fault fault)
    {
        for (int left = Close(); left > 0; left--)
        {
            TakeCall(node, target).Refuse(fault);
        }
    }

    private void Add(ref InboundRequest request, ActorMethod method)
    {
        ref Place place = ref _calls[_count++];
        place.Method = method;
        place.Correlation = request.Header.Correlation;
        place.Deadline = request.Deadline;
        place.IsTell = !request.IsAsk;
        place.Payload = request.Hold.GiveUp();
    }

    private static ActorCall CallOf(in InboundCall request, ActorNode node, ActorId target)
    {
        ActorCall call = request.Method.Rent();
        call.TakeOver(node, target, request);
        return call;
    }

    /// <param name="leaves">Whether it may outlive this object: else its turn starts now, which reads it first of all.</param>
    private InboundCall Take(bool leaves)
    {
        ref Place place = ref _calls[_next++];
        bool isLast = _next == _count;
        if (leaves && !isLast)
        {
            _slab.Retain();
        }

        var request = new InboundCall
        {
            Method = place.Method,
            Origin = _origin,
            Correlation = place.Correlation,
            Deadline = place.Deadline,
            IsTell = place.IsTell,
            Hold = new RequestHold(_origin, _load, _slab, place.Payload, isGuest: !leaves && !isLast),
        };
        if (isLast)
        {
            GiveBack(); // The last one has the slab.
        }

        return request;
    }

    private void GiveBack()
    {
        _origin = null!;
        _load = null;
        _slab = null!;
        _count = 0;
        _next = 0;
        ExchangePool<InboundCalls>.Return(this);
    }

    private struct Place
    {
        public ActorMethod Method;
        public ulong Correlation;
        public long Deadline;
        public RequestPlace Payload;
        public bool IsTell;
    }
}
