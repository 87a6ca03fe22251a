using Kameo.Actors.Calls;
using Kameo.Actors.Observers;
using Orleans;

namespace Kameo.Actors;

/// <summary>Observers: references to local objects that are no actors.</summary>
public sealed partial class ActorNode
{
    internal ObserverTable Observers { get; }

    /// <summary>Makes a reference to a local object, to pass to actors: calls of it run here, one at a time and in order, on the thread pool. Works on clients too.</summary>
    /// <remarks>
    /// The node holds the object weakly: keep it for as long as it is to be called. Callers must be connected with this node. A method that returns <see langword="void"/> is a tell; what its
    /// implementation throws is logged here. The same object again gives an equal reference and has its time anew; once its time is over or it was deleted, it may give another one.
    /// </remarks>
    /// <typeparam name="T">The observer interface; it derives from <c>IGrainObserver</c>.</typeparam>
    /// <param name="observer">The object.</param>
    /// <param name="lifetime">After that calls fail unless a reference was made again meanwhile. Null: as long as the object lives.</param>
    /// <exception cref="ArgumentException">The object is a reference or an actor already, or the lifetime is not positive.</exception>
    /// <exception cref="InvalidOperationException">There are <see cref="ActorNodeOptions.ObserversMax"/> already, or the interface was not compiled with the generator.</exception>
    public T CreateObserverReference<T>(T observer, TimeSpan? lifetime = null)
        where T : class, IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(observer);
        if (observer is ActorReference or Actor)
        {
            throw new ArgumentException("A reference can be passed as it is, an actor as this.AsReference<T>().", nameof(observer));
        }

        if (lifetime <= TimeSpan.Zero)
        {
            throw new ArgumentException("The lifetime must be positive.", nameof(lifetime));
        }

        return Refer<T>(ActorKey.Of(Observers.Add(observer, lifetime), Id.ToString()), ObserverActor.ClassName);
    }

    /// <summary>Ends a reference to a local object of this node: calls that come later fail.</summary>
    /// <param name="reference">What <see cref="CreateObserverReference"/> gave, or what it became by travelling.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="ArgumentException">It is no reference to an observer of this node.</exception>
    public bool DeleteObserverReference<T>(T reference)
        where T : class, IGrainObserver =>
        reference is ActorReference { KnownClassName: ObserverActor.ClassName } actor && actor.Key.Text == Id.ToString()
            ? Observers.Remove(actor.Key.Guid)
            : throw new ArgumentException("It is no reference to an observer of this node.", nameof(reference));
}
