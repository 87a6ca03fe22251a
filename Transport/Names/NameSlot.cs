using System.Runtime.CompilerServices;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Pools;
using Kameo.Actors.Transport.Queues;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Names;

/// <summary>Hop 7 and 8 of the transport's own names: the queue of one registered name and the handler behind it. One request at a time, in order.</summary>
/// <remarks>
/// Bounded by the windows of the senders: each queued request holds its part. It outlives its registration until what was sent to it is done; whoever sends to it later, by a number that a peer gave it, is led to
/// the slot that the name has then (<see cref="NameRouter.Dispatch"/>). Without a handler requests are refused as having no target.
/// </remarks>
/// <param name="name">The name.</param>
/// <param name="node">The node.</param>
internal sealed class NameSlot(string name, TransportNode node) : IThreadPoolWorkItem
{
    /// <summary>Requests handled before other work of the pool gets its turn.</summary>
    private const int RunCountMax = 128;

    private Inbox _inbox;
    private InboxItem? _waiting;
    private volatile NameHandler? _handler;
    private int _scheduled;

    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>What handles requests; null while the name is not registered.</summary>
    public NameHandler? Handler
    {
        get => _handler;
        set => _handler = value;
    }

    /// <summary>Adds a request; <see cref="Schedule"/> makes it run.</summary>
    public void Enqueue(NameRequest request) => _inbox.TryPush(request);

    /// <summary>Adds the requests that a received batch gathered; <see cref="Schedule"/> makes them run.</summary>
    public void Enqueue(in InboxChain requests) => requests.TryPush(ref _inbox);

    /// <summary>Queues the work item unless it is queued or running.</summary>
    public void Schedule()
    {
        // Full fence: the enqueue before it is seen by the run that clears the mark.
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            ReadyWork.Queue(this);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute() => Run();

    private void Run()
    {
        // What several handlers reply goes out together.
        _waiting ??= _inbox.TakeAll();
        bool isMany = _waiting?.NextItem is not null;
        if (isMany)
        {
            SendBatch.Begin();
        }

        try
        {
            RunQueue();
        }
        finally
        {
            if (isMany)
            {
                SendBatch.End();
            }
        }
    }

    private void RunQueue()
    {
        for (int count = 0; count < RunCountMax; count++)
        {
            if ((_waiting ??= _inbox.TakeAll()) is not { } place)
            {
                if (_handler is null)
                {
                    node.Names.Router.Drop(this);
                }

                // _waiting is the runner's alone: it is null here, and from now on another run may take it over.
                Interlocked.Exchange(ref _scheduled, 0);
                if (_inbox.IsEmpty || Interlocked.Exchange(ref _scheduled, 1) != 0)
                {
                    return;
                }

                continue;
            }

            var request = (NameRequest)place;
            if (request.Gathered is { IsDone: false } payload)
            {
                // It is still arriving: what came later waits behind it. The mark stays.
                payload.WhenDone(() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false));
                return;
            }

            _waiting = place.NextItem;

            ValueTask handled = Handle(request);
            if (!handled.IsCompletedSuccessfully)
            {
                _ = GoOnAfterAsync(handled, request);
                return; // The mark stays: nobody else runs until this one is done.
            }

            handled.GetAwaiter().GetResult();
            request.Finish(null);
        }

        ReadyWork.Queue(this); // Behind what else is ready.
    }

    private ValueTask Handle(NameRequest request)
    {
        NameHandler? handler = _handler;
        if (handler is null || request.Gathered?.Failure is not null || (request.IsAsk && (request.Deadline <= node.Clock.NowMilliseconds || request.IsCancelled))) // A tell that came this far is waited for by nobody.
        {
            return Refuse(request, isKnown: handler is not null);
        }

        try
        {
            return handler(request);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    /// <summary>Answers it without the handler.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask Refuse(NameRequest request, bool isKnown) => ValueTask.FromException(
        !isKnown ? new RefusedRequest(FaultCode.NoSuchTarget, $"nothing here has the name '{name}'")
        : request.Gathered?.Failure is { } failure ? new RefusedRequest(FaultCode.BadArguments, $"its payload did not arrive whole: {failure.Message}")
        : request.IsCancelled ? new RefusedRequest(FaultCode.Cancelled, "its caller gave it up before it was handled")
        : new RefusedRequest(FaultCode.Expired, "its deadline passed before it was handled"));

    private async Task GoOnAfterAsync(ValueTask handled, NameRequest request)
    {
        Fault? fault = null;
        try
        {
            await handled.ConfigureAwait(false);
        }
        catch (RefusedRequest refused)
        {
            fault = new Fault(refused.Code, refused.Message);
            node.Metrics.CountRefused(refused.Code, request.IsAsk, request.Connection);
        }
        catch (Exception exception)
        {
            fault = Fault.Of(FaultCode.Exception, exception);
            node.LogHandlerFailed(exception, name, request.IsAsk);
        }

        request.Finish(fault);
        Run();
    }

    /// <summary>Why a request is answered without its handler.</summary>
    private sealed class RefusedRequest(FaultCode code, string message) : Exception(message)
    {
        public FaultCode Code => code;
    }
}
