namespace Kameo.Actors.Transport.Names.Clients;

/// <summary>What became of a client's order. The numbers are on the wire and never change.</summary>
internal enum NameOrderOutcome : byte
{
    /// <summary>It is as ordered, or visible to all.</summary>
    Done = 1,

    /// <summary>The member itself, or another client of it, has the name.</summary>
    NameTaken = 2,

    /// <summary>The limits have no room for it, or for another wait.</summary>
    Full = 3,

    /// <summary>The name or the metadata is not acceptable.</summary>
    Malformed = 4,

    /// <summary>The client does not follow through this member, or not yet.</summary>
    UnknownClient = 5,

    /// <summary>The member is excluded from the cluster: the client will follow through another one.</summary>
    NotServing = 6,

    /// <summary>The time ran out before all knew it.</summary>
    NotVisible = 7,

    /// <summary>The member never wrote that version: it began a new life meanwhile.</summary>
    UnknownVersion = 8,
}
