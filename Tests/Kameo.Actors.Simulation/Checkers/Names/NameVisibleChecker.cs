using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>A version that counts as visible everywhere is known to every member of the waiting node's view that runs and has the writer in its own view.</summary>
internal sealed class NameVisibleChecker(World world)
{
    public void Ended(NameSite site, ulong version)
    {
        RegistryCore core = site.Core!;
        foreach (RegistryMember member in core.View.Members)
        {
            if (world.FindNames(member.Id) is not { Core: { } other } names || other.Self.Incarnation != member.Incarnation || names.Cluster != site.Cluster || other.View.Epoch > core.View.Epoch || (world.Scenario.KeepsState && names.Process > 1))
            {
                continue; // It acknowledged before it ended, or in an earlier process of the same incarnation, or may have dropped the writer since.
            }

            int index = other.View.IndexOf(core.Self.Id, core.Self.Incarnation);
            if (index < 0 || other.Logs[index].Counter < version)
            {
                throw new ViolationException("visible everywhere means known to every member", $"version {version} of {site.Name} counts as visible, but {names.Name} does not know it");
            }
        }
    }
}
