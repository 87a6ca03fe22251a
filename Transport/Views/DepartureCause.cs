namespace Kameo.Actors.Transport.Views;

/// <summary>Why a member is in no view any more.</summary>
internal enum DepartureCause : byte
{
    /// <summary>It left gracefully and has handed off what it owned: nobody waits for its lease.</summary>
    Left,

    /// <summary>Its connection ended without goodbye and its address refuses.</summary>
    Killed,

    /// <summary>Nothing was heard of it by any path.</summary>
    Silent,

    /// <summary>A later incarnation of the same peer was admitted in the same view.</summary>
    Replaced,

    /// <summary>An operator removed it.</summary>
    Operator,
}

/// <summary>That a member is gone.</summary>
/// <param name="Id">Who.</param>
/// <param name="Cause">Why. Every cause but <see cref="DepartureCause.Left"/> is an eviction, after which new owners wait.</param>
internal readonly record struct Departure(MemberId Id, DepartureCause Cause)
{
    /// <summary>Whether the member may still hold a lease.</summary>
    public bool IsEviction => Cause != DepartureCause.Left;
}
