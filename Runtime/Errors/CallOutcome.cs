namespace Kameo.Actors;

/// <summary>Whether a call that failed was carried out.</summary>
public enum CallOutcome
{
    /// <summary>The method certainly did not run: no byte of the call was sent, or the callee says that it never started.</summary>
    NotRun,

    /// <summary>It may have run: the call was sent and its end is not known.</summary>
    MayHaveRun,

    /// <summary>It ran, and failed.</summary>
    Ran,
}
