namespace Kameo.Actors.Observers;

/// <summary>An observer is called that was deleted, has expired or is no longer wanted: it did not run. Callers get it as a <see cref="NodeUnreachableException"/> that says so.</summary>
internal sealed class ObserverGoneException() : Exception("the observer was deleted, has expired or is no longer in use on its node");
