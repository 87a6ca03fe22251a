namespace Kameo.Actors.Transport.Registry;

/// <summary>How a wait for visibility ended.</summary>
internal enum WaitOutcome
{
    /// <summary>Every member of the view has acknowledged the version.</summary>
    Visible,

    /// <summary>Its deadline passed first.</summary>
    DeadlinePassed,

    /// <summary>This incarnation was evicted.</summary>
    Evicted,
}
