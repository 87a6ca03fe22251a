namespace Kameo.Actors.Transport.Views;

/// <summary>Where a member is in its membership. All three hold leases and are watched; only <see cref="Up"/> ones own slots.</summary>
internal enum MemberState : byte
{
    /// <summary>Admitted, but has not yet shown that it installed a view with itself in it.</summary>
    Joining,

    /// <summary>Owns slots.</summary>
    Up,

    /// <summary>Leaves gracefully: owns nothing any more and hands off; the next view that concerns it is one without it.</summary>
    Leaving,
}
