namespace Kameo.Actors.Calls;

/// <summary>What the predicate of <c>[MayInterleave]</c> needs of a call that waits, and what it said. In the executor.</summary>
public abstract partial class ActorCall
{
    /// <summary>Whether it may start beside a turn that waits, as the predicate of its class said; null: it was not asked yet.</summary>
    internal bool? Interleaves
    {
        get => _extras.Interleaves;
        set => Add().Interleaves = value;
    }

    /// <summary>Whether it is held back behind a call that waits, and no turn of its actor was found to wait for it.</summary>
    internal bool IsHeldBack
    {
        get => _extras.IsHeldBack;
        set => Add().IsHeldBack = value;
    }

    /// <summary>Whether its arguments are still on their way.</summary>
    internal bool IsArriving => _hasExtras && Gathered is { IsDone: false };

    /// <summary>Reads the arguments of a call that came over the network before its turn comes. What it was sent against is held until then all the same, and it can still be passed on as it came.</summary>
    /// <returns>Why they cannot be read; null: they have been.</returns>
    internal string? ReadArgumentsAhead()
    {
        if (IsRemote && !_extras.IsRead)
        {
            _extras.Unread = DecodeHeld(holders: null); // As they came they may have to go on: nothing is moved in there.
            _extras.IsRead = true;
        }

        return _extras.Unread;
    }
}
