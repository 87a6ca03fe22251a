using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Kameo.Actors.Calls;
using Kameo.Actors.Observers;

namespace Kameo.Actors.Topics;

/// <summary>One subscriber of a topic on this node, with its bounded queue: messages go to it one at a time, in order. What finds the queue full is dropped and counted.</summary>
/// <remarks>An observer that is gone ends its subscription; an actor does when it was not reached <see cref="UnreachedMax"/> times in a row. Runs on the thread pool. Thread safe.</remarks>
internal sealed class Subscriber
{
    /// <summary>How often in a row an actor is not reached before it is taken for gone.</summary>
    public const int UnreachedMax = 3;

    private readonly ActorNode _node;
    private readonly Channel<TopicMessage> _queue;
    private readonly CancellationTokenSource _ended = new();
    private readonly Action<Subscriber> _onEnd;
    private long _dropped;

    /// <summary>Makes one and starts to deliver to it.</summary>
    public Subscriber(ActorNode node, ActorReference reference, Action<Subscriber> onEnd)
    {
        _node = node;
        Reference = reference;
        _onEnd = onEnd;
        _queue = Channel.CreateBounded<TopicMessage>(new BoundedChannelOptions(node.Options.TopicQueueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        Subscription = new TopicSubscription(this);
        using AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow(); // What the subscriber's caller carries is not the messages'.
        _ = Task.Run(RunAsync);
    }

    /// <summary>Who it is.</summary>
    public ActorReference Reference { get; }

    /// <summary>What its owner has of it.</summary>
    public TopicSubscription Subscription { get; }

    /// <summary>Messages it did not get.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Fires when the subscription is over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Puts a message into its queue, or drops it. Never waits.</summary>
    public void Deliver(TopicMessage message)
    {
        if (!message.Method.Interface.Type.IsAssignableFrom(Reference.Interface.Type))
        {
            Drop("contract");
        }
        else if (!_queue.Writer.TryWrite(message))
        {
            Drop(_ended.IsCancellationRequested ? "ended" : "queue_full");
        }
    }

    /// <summary>Ends the subscription; again does nothing.</summary>
    public void End()
    {
        if (_queue.Writer.TryComplete())
        {
            _ended.Cancel();
            _onEnd(this);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Best effort: whatever a subscriber throws is counted, and the next message follows.")]
    private async Task RunAsync()
    {
        int unreached = 0;
        while (!Ended.IsCancellationRequested && await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (!Ended.IsCancellationRequested && _queue.Reader.TryRead(out TopicMessage? message))
            {
                try
                {
                    await message.DeliverAsync(Reference, Ended).ConfigureAwait(false);
                    unreached = 0;
                }
                catch (NodeUnreachableException)
                {
                    unreached++;
                    Drop("unreachable");
                }
                catch (OperationCanceledException) when (Ended.IsCancellationRequested)
                {
                    Drop("ended");
                }
                catch (Exception exception)
                {
                    unreached = 0;
                    Drop("failed");
                    TopicLog.DeliveryFailed(_node.Logger, exception, Reference.ToString());
                }

                if (unreached >= (Reference.KnownClassName == ObserverActor.ClassName ? 1 : UnreachedMax))
                {
                    TopicLog.SubscriberGone(_node.Logger, Reference.ToString());
                    End();
                }
            }
        }
    }

    private void Drop(string reason)
    {
        Interlocked.Increment(ref _dropped);
        _node.Metrics.CountDroppedMessage(reason);
    }
}
