namespace Kameo.Actors;

/// <summary>Asks of actors of this class never run on their caller's stack (<see cref="ActorNodeOptions.InlineLocalAsks"/>): they are queued, and run on the thread pool.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class QueueLocalAsksAttribute : Attribute;
