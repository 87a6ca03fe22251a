using Kameo.Actors.Context;

namespace Kameo.Actors.Activations;

/// <summary>Call chains that its turns have opened it to: their calls start beside the turn that waits for them. In the executor.</summary>
internal sealed partial class Activation
{
    private bool HasSections => _extras is { Sections.Count: > 0 };

    /// <summary>A turn lets a chain come back.</summary>
    public void OpenSection(Guid id, Turn turn) => (Extras.Sections ??= []).Add((id, turn));

    /// <summary>It no longer does; nothing if its turn has ended meanwhile.</summary>
    public void CloseSection(Guid id, Turn turn)
    {
        List<(Guid, Turn)> sections = _extras!.Sections!;
        int index = sections.LastIndexOf((id, turn));
        if (index >= 0)
        {
            sections.RemoveAt(index);
        }
    }

    private void CloseSections(Turn ended) => _extras!.Sections!.RemoveAll(section => ReferenceEquals(section.Turn, ended));

    private bool IsOfOpenChain(RequestContextValues? context)
    {
        if (context is null || context.ReentrancyId == Guid.Empty)
        {
            return false;
        }

        foreach ((Guid id, _) in _extras!.Sections!)
        {
            if (id == context.ReentrancyId)
            {
                return true;
            }
        }

        return false;
    }
}
