using Kameo.Actors.Transport.Registry.Logs;

namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>What is new of one writer and from which version on it is still told. Newer changes have more rounds before them than older ones.</summary>
internal sealed class Rumour(WriterLog log)
{
    private readonly Queue<(ulong From, int Round)> _steps = [];

    /// <summary>The writer.</summary>
    public WriterLog Log { get; } = log;

    /// <summary>From which version on clients are still to be told; null for nothing.</summary>
    public ulong? FollowersFrom { get; private set; }

    /// <summary>From which version on members are still told; null for nothing.</summary>
    public ulong? From => _steps.TryPeek(out (ulong From, int Round) oldest) ? oldest.From : null;

    /// <summary>Whether nobody is to be told any more.</summary>
    public bool IsOver => _steps.Count == 0 && FollowersFrom is null;

    /// <summary>Something new.</summary>
    /// <param name="from">The version before it.</param>
    /// <param name="lastRound">The round after which members are no longer told; null when they were.</param>
    public void Add(ulong from, int? lastRound)
    {
        FollowersFrom ??= from;
        if (lastRound is { } round && (_steps.Count == 0 || _steps.Last().Round < round))
        {
            _steps.Enqueue((from, round));
        }
    }

    /// <summary>Clients were told.</summary>
    public void ToldFollowers() => FollowersFrom = null;

    /// <summary>A round is over in which members were told.</summary>
    public void ToldMembers(int round)
    {
        while (_steps.TryPeek(out (ulong From, int Round) oldest) && oldest.Round <= round)
        {
            _steps.Dequeue();
        }
    }
}
