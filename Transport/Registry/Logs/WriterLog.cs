using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Logs;

/// <summary>What this node knows of one writer: its live entries by version, and up to which version it knows them.</summary>
/// <remarks>
/// Two things hold at all times. Every entry of a version up to <see cref="Counter"/> that is not here was removed by its writer. Every entry that its writer removed at a version up to <see cref="Counter"/> is not here.
/// So an entry is added only above the counter, which is why nothing that was removed ever comes back, and the counter rises only when all removals up to it were applied.
/// </remarks>
/// <param name="writer">Who writes it.</param>
/// <param name="limits">The bounds.</param>
/// <param name="flaws">Rules a test breaks.</param>
internal sealed partial class WriterLog(RegistryMember writer, RegistryLimits limits, RegistryFlaws flaws)
{
    /// <summary>Shared by all logs that are empty, and never changed: most members of a large view register nothing.</summary>
    private static readonly List<RegistryEntry> s_none = [];

    private readonly RemovalLog _removals = new(limits.RemovalsMax);
    private List<RegistryEntry> _entries = s_none;

    /// <summary>Who writes it.</summary>
    public RegistryMember Writer { get; set; } = writer;

    /// <summary>Up to which of the writer's versions it is known.</summary>
    public ulong Counter { get; private set; }

    /// <summary>Up to where a sweep has come: of what is older, nothing is here that was removed up to <see cref="SweepAsOf"/>. 0 when there is none.</summary>
    public ulong Cursor { get; private set; }

    /// <summary>The version that the sweep under way leads to.</summary>
    public ulong SweepAsOf { get; private set; }

    /// <summary>Whether it is being asked for.</summary>
    public bool IsWanted { get; set; }

    /// <summary>Until when it is not asked for, because its entries find no room.</summary>
    public TimeSpan LeftAloneUntil { get; set; } = TimeSpan.MinValue;

    /// <summary>The live entries, by rising version.</summary>
    public IReadOnlyList<RegistryEntry> Entries => _entries;

    /// <summary>Removals that are remembered.</summary>
    public int RemovalCount => _removals.Count;

    /// <summary>Whether a receiver at this counter can be told in steps.</summary>
    public bool RemembersSince(ulong counter) => counter >= _removals.Floor || flaws.HasFlag(RegistryFlaws.TrustShortLogs);

    /// <summary>The writer itself begins behind versions that an earlier process of the same incarnation may have told: all of them are removed, and whoever knows any gets a sweep.</summary>
    public void BeginAfter(ulong version)
    {
        Counter = version;
        _removals.Restart(version);
    }

    /// <summary>The writer itself writes an entry, with the next version.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="replaced">The version of the entry that it replaces; 0 for none.</param>
    public void Write(RegistryEntry entry, ulong replaced)
    {
        if (entry.Version != Counter + 1)
        {
            throw new InvalidOperationException($"Version {entry.Version} does not follow {Counter}.");
        }

        if (replaced != 0)
        {
            Erase(replaced);
        }
        else
        {
            Counter++;
        }

        Append(entry);
    }

    /// <summary>The writer itself removes an entry, with the next version.</summary>
    public void Erase(ulong victim)
    {
        if (!TryDrop(victim, out _))
        {
            throw new InvalidOperationException($"There is no entry of version {victim}.");
        }

        _removals.Add(new Removal(++Counter, victim));
    }

    private void Append(RegistryEntry entry)
    {
        if (_entries == s_none)
        {
            _entries = [];
        }

        _entries.Add(entry);
    }

    private bool TryDrop(ulong version, [NotNullWhen(true)] out RegistryEntry? entry)
    {
        int index = IndexAfter(version) - 1;
        entry = index >= 0 && _entries[index].Version == version ? _entries[index] : null;
        if (entry is not null)
        {
            _entries.RemoveAt(index);
        }

        return entry is not null;
    }

    /// <summary>The place of the first entry above a version.</summary>
    private int IndexAfter(ulong version)
    {
        int low = 0;
        int high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_entries[middle].Version <= version)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
