namespace Kameo.Actors.Transport.Registry;

/// <summary>A registration and who made it.</summary>
/// <param name="Owner">The member that wrote it.</param>
/// <param name="Entry">What it wrote.</param>
internal readonly record struct Registration(RegistryMember Owner, RegistryEntry Entry);

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

/// <summary>Something that a watch, or the owner of a name, is told.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="WatchId">Which watch is told; 0 for a name lost or regained.</param>
/// <param name="Registration">The registration as it is now; when it was removed, as it last was; when a name was lost, the one that has it.</param>
/// <param name="Former">The registration before, when it changed.</param>
internal readonly record struct RegistryEvent(RegistryEventKind Kind, int WatchId, Registration Registration, RegistryEntry? Former = null);
