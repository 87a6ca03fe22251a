using System.Runtime.CompilerServices;
using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>What a watch of all names tells adds up: a registration comes once, changes from what it was, goes as it was, and never comes again once it has gone.</summary>
internal sealed class NameWatchChecker
{
    private const string Promise = "a watch tells each coming and going once, and nothing that went comes back";
    private readonly ConditionalWeakTable<RegistryCore, Watched> _watched = [];

    public void Began(NameSite site) => _watched.Add(site.Core!, new Watched());

    public void Told(NameSite site)
    {
        if (site.Told.Count == 0)
        {
            return;
        }

        Watched watched = Of(site);
        foreach (RegistryEvent told in site.Told)
        {
            RegistryMember owner = told.Registration.Owner;
            var key = (owner.Incarnation, owner.JoinIndex, told.Registration.Entry.Name);
            ulong version = told.Registration.Entry.Version;
            bool isRight = told.Kind switch
            {
                RegistryEventKind.Added => version > watched.Gone.GetValueOrDefault(key) && watched.Present.TryAdd(key, version),
                RegistryEventKind.Changed => watched.Present.Remove(key, out ulong former) && former == told.Former!.Version && version > former && watched.Present.TryAdd(key, version),
                _ => watched.Present.Remove(key, out ulong gone) && gone == version,
            };
            if (!isRight)
            {
                throw new ViolationException(Promise, $"{site.Name} is told {told.Kind} of {told.Registration.Entry} of join index {owner.JoinIndex}, which does not follow");
            }

            if (told.Kind == RegistryEventKind.Removed)
            {
                watched.Gone[key] = version;
            }
        }

        site.Told.Clear();
    }

    /// <summary>Whether what was told is what is found.</summary>
    public bool IsComplete(NameSite site)
    {
        IReadOnlyList<Registration> found = site.Core!.Snapshot();
        Watched watched = Of(site);
        return found.Count == watched.Present.Count && found.All(one => watched.Present.GetValueOrDefault((one.Owner.Incarnation, one.Owner.JoinIndex, one.Entry.Name)) == one.Entry.Version);
    }

    private Watched Of(NameSite site) => _watched.TryGetValue(site.Core!, out Watched? watched) ? watched : throw new InvalidOperationException($"{site.Name} never began.");

    private sealed class Watched
    {
        public Dictionary<(ulong Incarnation, ulong JoinIndex, string Name), ulong> Present { get; } = [];

        public Dictionary<(ulong Incarnation, ulong JoinIndex, string Name), ulong> Gone { get; } = [];
    }
}
