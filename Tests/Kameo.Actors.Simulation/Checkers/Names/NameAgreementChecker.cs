using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Logs;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>After everything heals, and all have one view again, all members and the client know within a stated time all names that live, find the same owner for each, and who claims a name that another has was told so.</summary>
internal sealed class NameAgreementChecker(World world)
{
    /// <summary>How long it may take from the moment when all have one view: three digests each, on clocks 10 % off, pulls that time out after 1 s, delays of 230 ms in the WAN profile.</summary>
    private static readonly long s_within = TimeSpan.FromSeconds(6).Ticks;

    private long _since = long.MaxValue;

    /// <summary>Whether all agree.</summary>
    public bool IsReached { get; private set; }

    /// <summary>How long it took.</summary>
    public long Took { get; private set; }

    /// <summary>Looks, once all have one view.</summary>
    public void Look()
    {
        _since = Math.Min(_since, world.Now);
        if (WhoLacks() is not { } lacking)
        {
            foreach (NameSite site in world.Names)
            {
                Judge(site);
            }

            IsReached = true;
            Took = world.Now - _since;
        }
        else if (world.Now - _since > s_within)
        {
            throw new ViolationException("all know all names after healing", lacking);
        }
    }

    private string? WhoLacks()
    {
        ulong epoch = (ulong)world.Nodes[0].Core!.Installed.Epoch;
        foreach (NameSite site in world.Names)
        {
            if (site.Core is not { } core || core.View.Epoch != epoch)
            {
                return $"{site.Name} has view {site.Core?.View.Epoch}, not {epoch}";
            }

            foreach (WriterLog log in core.Logs)
            {
                if (world.Checkers.Names.LedgerOf(site.Cluster, log.Writer) is var ledger && log.Counter != ledger?.Version)
                {
                    return $"{site.Name} knows {log.Writer.Id.ToShortString()}/{log.Writer.Incarnation:x} up to {log.Counter}, not {ledger?.Version}";
                }
            }
        }

        return null;
    }

    private void Judge(NameSite site)
    {
        RegistryCore core = site.Core!;
        world.Checkers.Names.Changed(site);
        Dictionary<string, (RegistryMember Owner, ulong Version)> first = [];
        int claims = 0;
        foreach (RegistryMember member in core.View.Members)
        {
            foreach ((string name, ulong version) in world.Checkers.Names.LedgerOf(site.Cluster, member)!.Live)
            {
                claims++;
                first.TryAdd(name, (member, version));
            }
        }

        foreach ((string name, (RegistryMember owner, ulong version)) in first)
        {
            if (core.Find(name) is not { } found || found.Owner != owner || found.Entry.Version != version)
            {
                throw new ViolationException(NameClaimChecker.Promise, $"{site.Name} does not find {name}#{version} of join index {owner.JoinIndex}");
            }

            // Of its own names a member is told which another has; a client is not, it looks.
            if (site is SimNames && site.Ledger.Live.ContainsKey(name) && site.Lost.Contains(name) != (owner.Id != core.Self.Id))
            {
                throw new ViolationException("who loses a name is told", $"{site.Name} claims {name}, which join index {owner.JoinIndex} has, and was told {(site.Lost.Contains(name) ? "that it lost it" : "nothing")}");
            }
        }

        if (core.EntryCount != claims || !world.Checkers.Names.Watches.IsComplete(site))
        {
            throw new ViolationException("all know all names after healing", $"{site.Name} holds {core.EntryCount} registrations of {claims}, or its watch did not tell them");
        }
    }
}
