namespace Kameo.Actors;

/// <summary>One subscriber of a topic. Disposing it ends the subscription; what waits for the subscriber then is not delivered. Thread safe.</summary>
public sealed class TopicSubscription : IDisposable
{
    private readonly Topics.Subscriber _subscriber;

    internal TopicSubscription(Topics.Subscriber subscriber) => _subscriber = subscriber;

    /// <summary>Messages that the subscriber did not get: its queue was full (<see cref="ActorNodeOptions.TopicQueueMax"/>), or it could not be reached, or threw.</summary>
    public long Dropped => _subscriber.Dropped;

    /// <summary>Whether it is over: disposed, or dropped since the subscriber is gone.</summary>
    public bool IsEnded => _subscriber.Ended.IsCancellationRequested;

    /// <inheritdoc/>
    public void Dispose() => _subscriber.End();
}
