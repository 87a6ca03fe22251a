using System.Text;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Topics;

/// <summary>The subscribers that a node has, by topic. While a topic has any here, the node has a name by which publishers find it: its messages come to that. Thread safe.</summary>
/// <remarks>
/// The lock is for subscribing and ending; messages read a list that is replaced whole. Bound: <see cref="ActorNodeOptions.TopicSubscribersMax"/> subscribers. Which nodes have subscribers is known by the
/// transport's names and nothing else, so a topic reaches as far as those do.
/// </remarks>
/// <param name="node">The node.</param>
internal sealed class TopicTable(ActorNode node)
{
    /// <summary>Most bytes of a topic's name in UTF-8: with the prefix it is a name of the transport.</summary>
    public const int NameBytesMax = 240;

    private const string Prefix = "kameo.topic/";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Here> _topics = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>How many subscribers there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Adds a subscriber; one that is there already keeps its subscription.</summary>
    /// <exception cref="OverloadedException">There are too many.</exception>
    /// <exception cref="InvalidOperationException">The node cannot take the topic's name: it has too many.</exception>
    public Subscriber Add(string topic, ActorReference reference)
    {
        lock (_lock)
        {
            if (!_topics.TryGetValue(topic, out Here? here))
            {
                here = new Here();
            }
            else if (Array.Find(here.Subscribers, one => one.Reference.Equals(reference)) is { } known)
            {
                return known;
            }

            if (_count >= node.Options.TopicSubscribersMax)
            {
                throw new OverloadedException(default, null, $"This node has {node.Options.TopicSubscribersMax} subscribers of topics already: {nameof(ActorNodeOptions.TopicSubscribersMax)}.");
            }

            here.Name ??= node.Transport.Register(Prefix + topic, request => Handle(topic, here, request), priority: RegistrationPriority.Immediate);
            _topics[topic] = here;
            var subscriber = new Subscriber(node, reference, ended => Remove(topic, ended));
            here.Subscribers = [.. here.Subscribers, subscriber];
            _count++;
            return subscriber;
        }
    }

    /// <summary>Sends a message to every node that has subscribers. Completes when it is in the ring of each, or could not be sent.</summary>
    public async ValueTask PublishAsync(string topic, byte[] message)
    {
        IReadOnlyList<RemoteName> nodes = node.Transport.LookupAll(Prefix + topic);
        var sends = new ValueTask[nodes.Count];
        for (int index = 0; index < sends.Length; index++)
        {
            sends[index] = nodes[index].TellAsync(message); // All of them, before any is waited for.
        }

        for (int index = 0; index < sends.Length; index++)
        {
            try
            {
                await sends[index].ConfigureAwait(false);
            }
            catch (TransportException exception)
            {
                node.Metrics.CountDroppedMessage("unreachable");
                TopicLog.NodeNotReached(node.Logger, exception, topic, nodes[index].Owner.ToShortString());
            }
        }
    }

    /// <summary>Ends all subscriptions: the node stops.</summary>
    public void EndAll()
    {
        Subscriber[] all;
        lock (_lock)
        {
            all = [.. _topics.Values.SelectMany(static here => here.Subscribers)];
        }

        foreach (Subscriber subscriber in all)
        {
            subscriber.End();
        }
    }

    private ValueTask Handle(string topic, Here here, NameRequest request)
    {
        try
        {
            if (TopicMessage.Decode(node, request.Payload.Span) is { } message)
            {
                foreach (Subscriber subscriber in here.Subscribers)
                {
                    subscriber.Deliver(message);
                }

                return default;
            }
        }
        catch (MessagePackException exception)
        {
            TopicLog.Malformed(node.Logger, exception, topic, request.From.ToShortString());
        }

        node.Metrics.CountDroppedMessage("contract");
        return default;
    }

    private void Remove(string topic, Subscriber ended)
    {
        lock (_lock)
        {
            if (!_topics.TryGetValue(topic, out Here? here) || !here.Subscribers.Contains(ended))
            {
                return;
            }

            here.Subscribers = [.. here.Subscribers.Where(one => one != ended)];
            _count--;
            if (here.Subscribers.Length == 0)
            {
                _topics.Remove(topic);
                here.Name!.Dispose();
            }
        }
    }

    /// <summary>Whether a topic's name is one.</summary>
    public static void Check(string topic)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        if (Encoding.UTF8.GetByteCount(topic) > NameBytesMax)
        {
            throw new ArgumentException($"The name of a topic has at most {NameBytesMax} bytes of UTF-8.", nameof(topic));
        }
    }

    /// <summary>A topic that has subscribers here.</summary>
    private sealed class Here
    {
        private volatile Subscriber[] _subscribers = [];

        /// <summary>Replaced whole under the table's lock.</summary>
        public Subscriber[] Subscribers
        {
            get => _subscribers;
            set => _subscribers = value;
        }

        public NameRegistration? Name { get; set; }
    }
}
