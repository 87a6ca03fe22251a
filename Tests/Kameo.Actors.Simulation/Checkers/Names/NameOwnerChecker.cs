using Kameo.Actors.Simulation.Names;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Checkers.Names;

/// <summary>Names of an incarnation that the installed view has no more are found no more: look-ups find names of members only, each in the incarnation that is one.</summary>
internal sealed class NameOwnerChecker
{
    public void Changed(NameSite site)
    {
        View? installed = (site as SimNames)?.Installed;
        foreach (Registration found in site.Core!.Snapshot())
        {
            RegistryMember owner = found.Owner;
            bool isMember = installed is null ? site.Core.View.IndexOf(owner.Id, owner.Incarnation) >= 0 : installed.Contains(new MemberId(owner.Id, new Incarnation(owner.Incarnation)));
            if (!isMember)
            {
                throw new ViolationException("the names of a dead incarnation are gone with it", $"{site.Name} finds {found.Entry} of {owner.Id.ToShortString()}/{owner.Incarnation:x}, which its view has no more");
            }
        }
    }
}
