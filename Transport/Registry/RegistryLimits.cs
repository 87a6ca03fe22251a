using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry;

/// <summary>Every bound of the registry, with where its default comes from and what happens when it is reached.</summary>
/// <remarks>All nodes of a cluster should have the same. A node with smaller ones keeps a prefix of what a writer wrote, and counts it.</remarks>
internal sealed record RegistryLimits
{
    /// <summary>Entries of one writer. Default 10,000 (kameo_remote's discovery cache). The next registration is refused; a delta of a peer that holds more is not applied.</summary>
    public int EntriesPerNodeMax { get; init; } = 10_000;

    /// <summary>Entries that a member registers for one client. Default 1,000: ten clients may use a member up, not one. The next is refused.</summary>
    public int EntriesPerClientMax { get; init; } = 1_000;

    /// <summary>Entries of all writers. Default 262,144. A registration is refused; a delta is not applied, its writer stays at the prefix that had room and is asked again later.</summary>
    public int EntriesMax { get; init; } = 262_144;

    /// <summary>Memory of all entries, estimated. Default 256 MiB: <see cref="EntriesMax"/> of 1 KiB. As with <see cref="EntriesMax"/>.</summary>
    public long EntryBytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>UTF-8 bytes of a name. Default 255: with its space byte it is a target id. A longer one is refused.</summary>
    public int NameBytesMax { get; init; } = 255;

    /// <summary>Bytes of metadata. Default 1,024. More are refused.</summary>
    public int MetadataBytesMax { get; init; } = 1024;

    /// <summary>Bytes of one message with entries. Default 16 KiB, one full TLS record. What does not fit comes with the next one, in version order.</summary>
    public int ChunkBytesMax { get; init; } = 16 * 1024;

    /// <summary>Bytes of one digest. Default 4 KiB: 250 writers in the worst case. What does not fit is compared in a later round.</summary>
    public int DigestBytesMax { get; init; } = 4 * 1024;

    /// <summary>Writers of a range that are listed one by one; more are summarised in parts. Default 64.</summary>
    public int DigestRowsMax { get; init; } = 64;

    /// <summary>Removals remembered of each writer. Default 256. Whoever is further behind is told instead which versions still live; that costs bytes, never correctness.</summary>
    public int RemovalsMax { get; init; } = 256;

    /// <summary>Pulls under way, at most one to each peer. Default 4: a newcomer takes at most 64 KiB a round trip. Further ones wait.</summary>
    public int PullsMax { get; init; } = 4;

    /// <summary>Writers asked for in one pull. Default 128. Further ones wait.</summary>
    public int WantsPerPullMax { get; init; } = 128;

    /// <summary>Bytes a second of answers to pulls, and the burst. Default 8 MiB. Beyond it a pull is dropped: its sender asks elsewhere after <see cref="RegistryTiming.PullTimeout"/>.</summary>
    public long AnswerBytesPerSecondMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes a second pushed at once, over all peers, and the burst. Default 4 MiB: 1 KiB to 4,000 nodes. Beyond it an immediate change travels with the next round.</summary>
    public long PushBytesPerSecondMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Watches. Default 1,024. The next is refused.</summary>
    public int WatchesMax { get; init; } = 1_024;

    /// <summary>Waits for visibility. Default 1,024. The next is refused.</summary>
    public int WaitsMax { get; init; } = 1_024;

    /// <summary>Clients that follow through this member. Default 1,024. The next is refused and finds another member.</summary>
    public int FollowersMax { get; init; } = 1_024;

    /// <summary>Longest message that is read at all.</summary>
    public int MessageBytesMax => Math.Max(ChunkBytesMax, DigestBytesMax);

    /// <summary>Adds a sentence for each limit that is out of its range or contradicts another.</summary>
    public void Validate(ICollection<string> errors)
    {
        int largestEntry = DeltaBatch.HeaderBytesMax + Delta.HeaderBytesMax + RegistryEntry.WireOverheadBytesMax + NameBytesMax + MetadataBytesMax + Removal.WireBytesMax;
        Require(EntriesPerNodeMax > 0 && EntriesMax >= EntriesPerNodeMax, $"{nameof(EntriesMax)} must be at least {nameof(EntriesPerNodeMax)}, and both positive.");
        Require(EntriesPerClientMax >= 0, $"{nameof(EntriesPerClientMax)} must not be negative.");
        Require(EntryBytesMax > 0, $"{nameof(EntryBytesMax)} must be positive.");
        Require(NameBytesMax is >= 1 and <= 255, $"{nameof(NameBytesMax)} must be 1 to 255, not {NameBytesMax}.");
        Require(MetadataBytesMax is >= 0 and <= ushort.MaxValue, $"{nameof(MetadataBytesMax)} must be 0 to {ushort.MaxValue}, not {MetadataBytesMax}.");
        Require(ChunkBytesMax >= largestEntry, $"{nameof(ChunkBytesMax)} must hold the largest entry ({largestEntry}), not {ChunkBytesMax}.");
        Require(DigestRowsMax >= 1, $"{nameof(DigestRowsMax)} must be positive.");
        int largestPart = Digest.HeaderBytesMax + DigestPart.HeaderBytesMax + (DigestRowsMax * DigestPart.RowBytesMax);
        int allParts = Digest.HeaderBytesMax + (DigestPart.SplitCount * DigestPart.HeaderBytesMax);
        Require(DigestBytesMax >= Math.Max(largestPart, allParts), $"{nameof(DigestBytesMax)} must hold {nameof(DigestRowsMax)} rows and a split ({Math.Max(largestPart, allParts)}), not {DigestBytesMax}.");
        Require(RemovalsMax >= 1, $"{nameof(RemovalsMax)} must be positive.");
        Require(PullsMax > 0 && WantsPerPullMax > 0 && Pull.HeaderBytesMax + (WantsPerPullMax * Pull.WantBytesMax) <= MessageBytesMax, $"{nameof(PullsMax)} and {nameof(WantsPerPullMax)} must be positive, and a pull must fit into a message.");
        Require(AnswerBytesPerSecondMax >= ChunkBytesMax && PushBytesPerSecondMax >= ChunkBytesMax, $"The bytes a second must allow one message ({ChunkBytesMax}).");
        Require(WatchesMax >= 0 && WaitsMax >= 0 && FollowersMax >= 0, "The limits on watches, waits and followers must not be negative.");

        void Require(bool holds, string sentence)
        {
            if (!holds)
            {
                errors.Add(sentence);
            }
        }
    }
}
