namespace Kameo.Actors.Transport.Registry;

/// <summary>What happened to a registration.</summary>
internal enum RegistryEventKind
{
    /// <summary>It is new here.</summary>
    Added,

    /// <summary>Its owner replaced it by another of the same name.</summary>
    Changed,

    /// <summary>Its owner took it back, or is in the view no more.</summary>
    Removed,

    /// <summary>A name that this node registered belongs to another, whose join index is lower: look-ups everywhere find that one. Raised whether it is watched or not.</summary>
    Lost,

    /// <summary>A name lost before belongs to this node again.</summary>
    Regained,
}
