namespace Kameo.Actors.Transport.Views.Log;

/// <summary>What an entry of the view log is. A kind that a node does not know makes it stop serving and leave, never skip.</summary>
internal enum LogEntryKind : byte
{
    /// <summary>The first entry of a leader's term: once it is committed, all before it are.</summary>
    Opening = 1,

    /// <summary>The step to the next view; with new stewards, the joint step of their change.</summary>
    Change = 2,

    /// <summary>The end of a change of stewards: from here the new ones decide alone.</summary>
    StewardsFinal = 3,

    /// <summary>An epoch is settled, and what came before it may be forgotten.</summary>
    Settled = 4,
}

/// <summary>One entry of the view log.</summary>
/// <param name="Index">Its place.</param>
/// <param name="Term">The term of the leader that wrote it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Change">The step to the next view, of a <see cref="LogEntryKind.Change"/>.</param>
/// <param name="SettledEpoch">The epoch, of a <see cref="LogEntryKind.Settled"/>.</param>
internal sealed record LogEntry(long Index, long Term, LogEntryKind Kind, ViewChange? Change = null, long SettledEpoch = 0)
{
    /// <summary>Whether this code knows its kind.</summary>
    public bool IsKnown => Kind is LogEntryKind.Opening or LogEntryKind.StewardsFinal or LogEntryKind.Settled || (Kind == LogEntryKind.Change && Change is not null);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        LogEntryKind.Change => $"{Index}.{Term} {Change}",
        LogEntryKind.Settled => $"{Index}.{Term} settled {SettledEpoch}",
        _ => $"{Index}.{Term} {Kind}",
    };
}
