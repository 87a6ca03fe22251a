using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>
/// What a node holds of each writer is what that wrote, up to the node's counter: nothing whose removal the counter has passed is back, nothing that lives is missing, so no gap was jumped. A writer's versions rise by one, and what is known of it never falls.
/// </summary>
internal sealed class NameLogChecker
{
    private const string Promise = "no removed name comes back, no gap is jumped";
    private readonly Dictionary<RegistryCore, Dictionary<RegistryMember, ulong>> _counters = [];

    public void Began(NameSite site) => _counters[site.Core!] = [];

    public static void Writes(SimNames site, ulong version)
    {
        if (version != site.Ledger.Version + 1)
        {
            throw new ViolationException(Promise, $"{site.Name} writes version {version} after {site.Ledger.Version}");
        }
    }

    public void Changed(NameSite site, Func<ClusterId, RegistryMember, NameLedger?> ledgerOf)
    {
        Dictionary<RegistryMember, ulong> counters = _counters[site.Core!];
        foreach (WriterLog log in site.Core!.Logs)
        {
            ulong before = counters.GetValueOrDefault(log.Writer);
            if (log.Counter < before)
            {
                throw new ViolationException(Promise, $"{site.Name} knew {Of(log)} up to {before}, and then up to {log.Counter}");
            }

            if (log.Counter == 0 && log.Entries.Count == 0)
            {
                continue;
            }

            counters[log.Writer] = log.Counter;
            string? wrong = ledgerOf(site.Cluster, log.Writer) is { } ledger ? ledger.Check(log.Counter, log.Entries) : $"knows {log.Counter} versions, but it never was a member";
            if (wrong is not null)
            {
                throw new ViolationException(Promise, $"at {site.Name}, of {Of(log)}: {wrong}");
            }
        }
    }

    private static string Of(WriterLog log) => $"{log.Writer.Id.ToShortString()}/{log.Writer.Incarnation:x}";
}
