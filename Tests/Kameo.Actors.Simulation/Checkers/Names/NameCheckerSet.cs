using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>The checkers of names, one for each promise, what they are shown, and what every incarnation really wrote.</summary>
internal sealed class NameCheckerSet(World world)
{
    private readonly Dictionary<RegistrySource, NameLedger> _newest = [];
    private readonly Dictionary<(ClusterId, RegistrySource), NameLedger> _byCluster = [];

    public NameLogChecker Logs { get; } = new();

    public NameOwnerChecker Owners { get; } = new();

    public NameWatchChecker Watches { get; } = new();

    public NameVisibleChecker VisibleNames { get; } = new(world);

    public NameAgreementChecker Agreement { get; } = new(world);

    /// <summary>A life begins at a site, or the next process of one.</summary>
    /// <returns>What it writes is noted there.</returns>
    public NameLedger Began(NameSite site, bool isOtherFounding, ulong versionsAfter)
    {
        RegistrySource self = site.Core!.Self;
        if (isOtherFounding || !_newest.TryGetValue(self, out NameLedger? ledger))
        {
            _newest[self] = ledger = new NameLedger();
        }

        ledger.BeginsAfter(versionsAfter);
        Logs.Began(site);
        Watches.Began(site);
        return ledger;
    }

    /// <summary>A member belongs to a cluster.</summary>
    public void Entered(SimNames site) => _byCluster[(site.Cluster, site.Core!.Self)] = site.Ledger;

    /// <summary>A member writes the next version.</summary>
    public void Writes(SimNames site, ulong version) => NameLogChecker.Writes(site, version);

    /// <summary>What a site holds of others may have changed.</summary>
    public void Changed(NameSite site)
    {
        Logs.Changed(site, LedgerOf);
        Owners.Changed(site);
        NameClaimChecker.Changed(site);
    }

    /// <summary>What a site's watch told since the last time is looked at.</summary>
    public void Watched(NameSite site) => Watches.Told(site);

    /// <summary>A wait of a site ended: a version counts as visible everywhere.</summary>
    public void Visible(NameSite site, ulong version) => VisibleNames.Ended(site, version);

    /// <summary>What an incarnation wrote in a cluster.</summary>
    public NameLedger? LedgerOf(ClusterId cluster, RegistryMember member) => _byCluster.GetValueOrDefault((cluster, new RegistrySource(member.Id, member.Incarnation)));
}
