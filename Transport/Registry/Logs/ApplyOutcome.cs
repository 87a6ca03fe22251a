namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What became of a delta.</summary>
internal enum ApplyOutcome
{
    /// <summary>It told something new.</summary>
    Applied,

    /// <summary>All of it was known.</summary>
    Known,

    /// <summary>It begins after what is known: the interval between must be asked for.</summary>
    Gap,

    /// <summary>Its entries find no room.</summary>
    Full,

    /// <summary>It is about nobody in the view, or about another incarnation.</summary>
    Stranger,

    /// <summary>No correct node says that.</summary>
    Wrong,
}
