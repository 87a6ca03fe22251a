using System.ComponentModel;

namespace Kameo.Actors.Observers;

/// <summary>What generated calls of observers go through.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Observed
{
    /// <summary>The object that a call is for: what stands behind an observer's place, or an actor that is an observer itself.</summary>
    public static object Target(object actor) => actor is ObserverActor observer ? observer.Target : actor;
}
