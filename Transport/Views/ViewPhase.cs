namespace Kameo.Actors.Transport.Views;

/// <summary>Where a node is with respect to a cluster.</summary>
internal enum ViewPhase : byte
{
    /// <summary>Knows no cluster, or one that it is not yet a member of.</summary>
    Fresh,

    /// <summary>Is a member of the view that it installed.</summary>
    Member,

    /// <summary>Has left and does nothing more.</summary>
    Stopped,
}

/// <summary>Why a life of a node ended and it goes on as another incarnation, or not at all.</summary>
internal enum LifeEnd : byte
{
    /// <summary>A view, or a member that has a newer one, says that it was evicted.</summary>
    Evicted,

    /// <summary>It left as it was asked to.</summary>
    Left,

    /// <summary>Its cluster was the smaller of two that met.</summary>
    Dissolved,

    /// <summary>Its cluster was halted and is re-formed.</summary>
    Reformed,

    /// <summary>An operator asked for it.</summary>
    Operator,

    /// <summary>It turned from one cluster that it wanted to join to another.</summary>
    Redirected,

    /// <summary>The log has an agreed entry that this version does not know: it must not skip it, so it stops.</summary>
    UnknownEntry,
}
