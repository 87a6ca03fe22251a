namespace Kameo.Actors.Transport;

/// <summary>What happened to a registration that is watched.</summary>
public enum NameChangeKind
{
    /// <summary>It is new here.</summary>
    Added,

    /// <summary>Its owner gave it other metadata, or took it back and registered it again.</summary>
    Changed,

    /// <summary>Its owner took it back, or is gone.</summary>
    Removed,

    /// <summary>
    /// Changes were left out: the watcher was too slow, or this node began a new life. Whatever was known is to be forgotten; all registrations there are now follow as added.
    /// </summary>
    Reset,
}
