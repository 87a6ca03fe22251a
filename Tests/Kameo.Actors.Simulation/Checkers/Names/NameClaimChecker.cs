using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Logs;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>Of all claims to a name that a node knows, the one of the lowest join index has it; which is why nodes that know the same answer the same.</summary>
internal static class NameClaimChecker
{
    public const string Promise = "two claims of a name resolve the same everywhere";

    public static void Changed(NameSite site)
    {
        // Writers come in the order of their join indexes.
        HashSet<string> seen = [];
        foreach (WriterLog log in site.Core!.Logs)
        {
            foreach (RegistryEntry entry in log.Entries)
            {
                if (seen.Add(entry.Name) && site.Core.Find(entry.Name) is var found && (found is null || found.Value.Owner != log.Writer))
                {
                    throw new ViolationException(Promise, $"{site.Name} knows {entry} of join index {log.Writer.JoinIndex}, but finds {(found is { } other ? $"{other.Entry} of {other.Owner.JoinIndex}" : "nothing")}");
                }
            }
        }
    }
}
