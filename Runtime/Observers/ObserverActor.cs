using Kameo.Actors.Catalog;

namespace Kameo.Actors.Observers;

/// <summary>Stands in the mailbox for a local object: calls of it are turns, one at a time, in the order they came. Its id says the object and the node.</summary>
internal sealed class ObserverActor : Actor
{
    /// <summary>Its class on every node: placed by nobody, announced by nobody; an id of it names its node.</summary>
    public static ActorClass Class { get; } = new(typeof(ObserverActor), ClassName, static _ => new ObserverActor(), ActorClassOptions.None) { AnswersAll = true };

    /// <summary>The wire name of the class.</summary>
    public const string ClassName = "kameo.observer";

    /// <summary>The object.</summary>
    /// <exception cref="ObserverGoneException">There is none any more.</exception>
    public object Target => ((ActorNode)Actors).Observers.Find(Key.Guid) ?? throw new ObserverGoneException();
}
