using Orleans.Runtime;

namespace Kameo.Actors;

/// <content>Topics.</content>
public abstract partial class Actor
{
    /// <inheritdoc cref="ActorNode.Topic"/>
    /// <exception cref="InvalidOperationException">No node made it.</exception>
    protected ActorTopic<T> Topic<T>(string name)
        where T : class, IAddressable => Here.Node.Topic<T>(name);
}
