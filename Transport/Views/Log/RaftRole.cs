namespace Kameo.Actors.Transport.Views.Log;

/// <summary>What a node does in its term.</summary>
internal enum RaftRole : byte
{
    /// <summary>Follows, or only learns.</summary>
    Follower,

    /// <summary>Asks whether it would be elected.</summary>
    Probing,

    /// <summary>Stands for election.</summary>
    Candidate,

    /// <summary>Leads.</summary>
    Leader,
}
