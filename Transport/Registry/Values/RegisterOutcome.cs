namespace Kameo.Actors.Transport.Registry;

/// <summary>What became of a change to this node's own names.</summary>
internal enum RegisterOutcome
{
    /// <summary>It is done here and will be told.</summary>
    Done,

    /// <summary>This node has that name already.</summary>
    NameTaken,

    /// <summary>This node does not have that name.</summary>
    NotRegistered,

    /// <summary>The name is empty, too long or no text.</summary>
    BadName,

    /// <summary>There is more metadata than allowed.</summary>
    MetadataTooLong,

    /// <summary>The client, this node or all nodes together have as many entries as they may.</summary>
    Full,

    /// <summary>This incarnation was evicted: it writes nothing any more.</summary>
    Evicted,

    /// <summary>The client does not follow through this member.</summary>
    UnknownClient,
}
