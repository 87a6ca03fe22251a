namespace Kameo.Actors.Calls;

/// <summary>On what terms calls are made through one reference, where they are not the node's. Immutable.</summary>
internal sealed record ReferenceTerms
{
    /// <summary>How long asks may take, and tells may wait to be sent; null: as their methods or the node say.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long after the call it is sent; zero: at once.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Takes back what was not sent yet.</summary>
    public CancellationToken Recall { get; init; }

    /// <summary>Gets the calls instead of the actor; their callers get default results at once. Null: they are sent.</summary>
    public Action<ActorCall>? Capture { get; init; }

    /// <summary>Whether calls are sent at once.</summary>
    public bool IsDirect => Delay == TimeSpan.Zero && Capture is null;
}
