using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Calls;
using Kameo.Actors.Topics;
using Orleans.Runtime;

namespace Kameo.Actors;

/// <summary>A named topic: what is published on any node reaches every subscriber on every node, best effort. Thread safe; cheap to get, nothing to dispose.</summary>
/// <remarks>
/// <para>
/// A message is a call of a method of <typeparamref name="T"/>; a subscriber is a reference to an actor or an observer that has it. Messages of one publisher reach a subscriber in the order published, one at a
/// time. Each node with subscribers gets a message once, and gives it to each of its own: their queues are bounded (<see cref="ActorNodeOptions.TopicQueueMax"/>), and what finds one full is dropped and counted.
/// Nothing is kept: who subscribes later, or is not connected, does not get what was published before.
/// </para>
/// <para>
/// A subscription is the node's on which it was made, and ends with it. A subscriber that is gone is dropped. An actor that is subscribed is activated by a message: one that should not be subscribes in
/// <see cref="Actor.OnActivateAsync"/> and disposes its subscription in <see cref="Actor.OnDeactivateAsync"/>.
/// </para>
/// </remarks>
/// <typeparam name="T">An actor or observer interface.</typeparam>
/// <example>
/// <code>
/// ActorTopic&lt;IPrices&gt; prices = node.Topic&lt;IPrices&gt;("prices");
/// using TopicSubscription subscription = await prices.SubscribeAsync(node.CreateObserverReference&lt;IPrices&gt;(listener));
/// await prices.PublishAsync(subscriber => subscriber.Changed("KAM", 42));
/// </code>
/// </example>
public sealed class ActorTopic<T>
    where T : class, IAddressable
{
    private readonly ActorNode _node;

    internal ActorTopic(ActorNode node, string name)
    {
        TopicTable.Check(name);
        _node = node;
        Name = name;
    }

    /// <summary>The topic's name.</summary>
    public string Name { get; }

    /// <summary>Publishes a message.</summary>
    /// <param name="message">Calls one method of the interface, once: that call is what every subscriber gets. Its results are not.</param>
    /// <returns>Completes when the message is on its way to every node that is known to have subscribers; those that cannot be reached are counted (<c>kameo.topics.dropped</c>).</returns>
    /// <exception cref="ArgumentException">Not exactly one method was called.</exception>
    /// <exception cref="NotSupportedException">The call has a stream among its arguments.</exception>
    public ValueTask PublishAsync(Func<T, ValueTask> message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Publish(subscriber => message(subscriber));
    }

    /// <inheritdoc cref="PublishAsync(Func{T, ValueTask})"/>
    public ValueTask PublishAsync(Func<T, Task> message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Publish(subscriber => message(subscriber));
    }

    /// <inheritdoc cref="PublishAsync(Func{T, ValueTask})"/>
    public ValueTask PublishAsync(Action<T> message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Publish(message);
    }

    /// <summary>Subscribes an actor or an observer. One that is subscribed already keeps its subscription.</summary>
    /// <param name="subscriber">A reference: of <see cref="IActors.Get{TInterface}(string)"/>, <see cref="ActorNode.CreateObserverReference"/>, or <c>this.AsReference&lt;T&gt;()</c> in an actor.</param>
    /// <returns>Completes when this node takes messages for it and the others were told. Disposing what it gives ends the subscription.</returns>
    /// <exception cref="ArgumentException">It is no reference.</exception>
    /// <exception cref="OverloadedException">This node has <see cref="ActorNodeOptions.TopicSubscribersMax"/> already.</exception>
    public ValueTask<TopicSubscription> SubscribeAsync(T subscriber) =>
        subscriber is ActorReference reference
            ? new(_node.Topics.Add(Name, reference).Subscription)
            : throw new ArgumentException("A subscriber is a reference: an actor's AsReference, or CreateObserverReference for any other object.", nameof(subscriber));

    [SuppressMessage("Reliability", "CA2012", Justification = "A captured call gives a default task.")]
    private ValueTask Publish(Action<T> message)
    {
        ActorCall? published = null;
        int count = 0;
        ActorReference capture = _node.Capture(typeof(T), call =>
        {
            published = call;
            count++;
        });
        message((T)(object)capture);
        return count == 1 ? _node.Topics.PublishAsync(Name, TopicMessage.Encode(published!)) : throw new ArgumentException($"One method of {typeof(T)} is called to publish a message, not {count}.", nameof(message));
    }
}
