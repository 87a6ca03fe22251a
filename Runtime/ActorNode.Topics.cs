using Kameo.Actors.Calls;
using Kameo.Actors.Catalog;
using Kameo.Actors.Topics;
using Orleans.Runtime;

namespace Kameo.Actors;

/// <summary>Topics.</summary>
public sealed partial class ActorNode
{
    internal TopicTable Topics { get; }

    /// <summary>A topic by its name: publishing and subscribing. Costs little, sends nothing.</summary>
    /// <typeparam name="T">An actor or observer interface: its methods are the messages. The same for all who use the topic.</typeparam>
    /// <param name="name">1 to 240 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public ActorTopic<T> Topic<T>(string name)
        where T : class, IAddressable => new(this, name);

    /// <summary>A reference whose calls are given to somebody instead of being sent.</summary>
    internal ActorReference Capture(Type type, Action<ActorCall> capture)
    {
        ActorInterface found = ActorCatalog.Get(type);
        return found.CreateReference(new ActorReferenceSeed(this, found, default, null, new ReferenceTerms { Capture = capture }));
    }
}
