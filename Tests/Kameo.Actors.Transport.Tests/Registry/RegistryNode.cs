using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>One incarnation of a node in the world: its core, and what it was told.</summary>
internal sealed class RegistryNode(RegistrySource self, RegistryCore core)
{
    public RegistrySource Self { get; } = self;

    public RegistryCore Core { get; } = core;

    public WriterHistory History { get; } = new();

    public bool IsAlive { get; set; } = true;

    /// <summary>Until when it does nothing and does not notice.</summary>
    public TimeSpan PausedUntil { get; set; }

    /// <summary>Deltas applied when it was last checked.</summary>
    public long DeltasChecked { get; set; }

    /// <summary>When the world looks at its deadline next.</summary>
    public TimeSpan WokenAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>What its watch of all names has told, by owner and name.</summary>
    public Dictionary<(ulong Owner, string Name), ulong> Watched { get; } = [];

    /// <summary>All events it was told.</summary>
    public List<RegistryEvent> Events { get; } = [];

    /// <summary>Waits under way and the version that each waits for.</summary>
    public Dictionary<int, ulong> Waits { get; } = [];

    /// <summary>Waits that ended.</summary>
    public List<(WaitEnd End, TimeSpan At)> Ends { get; } = [];

    public override string ToString() => $"{Self.Id.ToShortString()}/{Self.Incarnation}";
}
